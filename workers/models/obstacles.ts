/** Models that no pipeline here runs, told by their backbone's graph: each with what stands in the way and what to choose instead. */
import { EngineError } from "../errors.ts";
import type { GraphValue, OnnxGraph } from "./formats/onnx-graph.ts";
import { SAMPLE } from "./parts/table.ts";

interface Obstacle {
  isMet(graph: OnnxGraph): boolean;
  /** continues the graph's path */
  readonly sentence: string;
}

const has = (values: readonly GraphValue[], name: RegExp, axes?: number) =>
  values.some((value) => name.test(value.name) && (axes === undefined || value.shape.length === axes));

export const isControlNet = ({ inputs, outputs }: OnnxGraph) =>
  has(inputs, /^controlnet_cond$/) || has(outputs, /^(down|mid)_block_(res_)?(additional_)?(residual|sample)/);

const OBSTACLES: readonly Obstacle[] = [
  {
    isMet: isControlNet,
    sentence:
      "is a ControlNet, which steers another model and draws nothing alone; choose the folder of a whole model.",
  },
  {
    isMet: ({ inputs }) => has(inputs, SAMPLE, 5),
    sentence:
      "takes frames (its noisy input has 5 axes), as AnimateDiff does, and Darkroom makes single pictures; choose a text-to-image model.",
  },
  {
    isMet: ({ inputs }) => has(inputs, SAMPLE, 3),
    sentence:
      "takes latents packed into patches (its noisy input has 3 axes), as Flux does, which Darkroom cannot run; choose an export of Stable Diffusion 1.x, 2.x, XL or 3.",
  },
  {
    isMet: ({ inputs }) => has(inputs, /^image_embeds$/),
    sentence:
      "is conditioned on the image embeddings of a prior, as Kandinsky 2 is, which Darkroom cannot run; choose a model that reads its text encoder.",
  },
];

/** @throws EngineError ModelUnsupported */
export function checkObstacles(path: string, graph: OnnxGraph): void {
  const obstacle = OBSTACLES.find(({ isMet }) => isMet(graph));
  if (obstacle) throw new EngineError("ModelUnsupported", `${path} ${obstacle.sentence}`);
}
