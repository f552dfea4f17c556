/**
 * Which graph of a folder is which part. Folders in the diffusers layout say so by their names; flat and fused web exports are known by
 * their graphs' inputs and outputs, whatever the files are called.
 */

import { EngineError } from "../errors.ts";
import type { GraphFile } from "./formats/graph-file.ts";
import type { GraphValue, OnnxGraph } from "./formats/onnx-graph.ts";
import { checkObstacles, isControlNet } from "./obstacles.ts";
import { type Folder, type ModelIndex, partClass } from "./sources/folder.ts";
import { preferredGraph } from "./sources/variants.ts";

export const ENCODERS = ["text_encoder", "text_encoder_2", "text_encoder_3"] as const;
export const BACKBONES = ["unet", "transformer"] as const;
export type PartName = (typeof ENCODERS)[number] | (typeof BACKBONES)[number] | "vae_decoder" | "vae_encoder";

/** what training frameworks save */
const WEIGHTS = /\.(safetensors|bin|ckpt|pt)$/;

export type Graphs = Partial<Record<PartName, GraphFile>>;

/** The parts' graphs, their weights unread. @throws EngineError ModelUnsupported, ModelFileMissing when one that the model needs is not found */
export async function findGraphs(folder: Folder, index: ModelIndex): Promise<Graphs> {
  const graphs: Graphs = {};
  const expected = [
    ...ENCODERS.filter((part) => partClass(index, part)),
    ...BACKBONES.filter((part) => partClass(index, part)),
    ...(Object.keys(index).length > 0 ? (["vae_decoder"] as const) : []),
  ];
  for (const part of expected) {
    const path = pathOf(part, folder.paths);
    if (path) graphs[part] = await folder.graph(path);
  }
  const complete = expected.length > 0 && expected.every((part) => graphs[part]);
  if (!complete) await recognise(folder, graphs);
  if (folder.paths?.some((path) => WEIGHTS.test(path)) && !folder.paths.some((path) => path.endsWith(".onnx"))) {
    throw new EngineError(
      "ModelUnsupported",
      "The folder holds PyTorch weights and no ONNX graph; export it with optimum and open what that writes (docs/models.md says how).",
    );
  }
  const backbone = BACKBONES.map((part) => graphs[part]).find((graph) => graph);
  if (backbone) checkObstacles(backbone.path, backbone);
  const absent = ENCODERS.find((part) => partClass(index, part) && !graphs[part]);
  if (absent) {
    throw new EngineError(
      "ModelFileMissing",
      `model_index.json names ${absent} (${partClass(index, absent)}), and the folder has no ${absent}/model.onnx; get the whole folder, or write [null, null] for it there where the model goes without.`,
    );
  }
  if (backbone && graphs.vae_decoder) return graphs;
  throw new EngineError(
    "ModelUnsupported",
    `Among the model's graphs none is ${backbone ? "a VAE's decoder (latents in, a picture of 3 channels out)" : "a U-Net or a transformer (an input for the timestep)"}; it cannot be run.`,
  );
}

/** Opens the VAE's encoder, which is read when it is first needed; undefined where the model has none. */
export async function findVaeEncoder(folder: Folder, graphs: Graphs): Promise<(() => Promise<GraphFile>) | undefined> {
  const { vae_encoder: recognised } = graphs;
  if (recognised) return async () => recognised;
  const path = pathOf("vae_encoder", folder.paths);
  const isThere = folder.paths ? path : await folder.optionalText("vae_encoder/config.json");
  return path && isThere ? () => folder.graph(path) : undefined;
}

/** `part/model.onnx`, or where the folder can be listed the one to prefer of the part's graphs. */
function pathOf(part: PartName, paths: readonly string[] | undefined): string | undefined {
  const usual = `${part}/model.onnx`;
  if (!paths || paths.includes(usual)) return usual;
  return preferredGraph(paths.filter((path) => path.startsWith(`${part}/`) && path.endsWith(".onnx")));
}

/** Fills what is not found by its name from the other graphs of the folder. */
async function recognise(folder: Folder, graphs: Graphs): Promise<void> {
  const taken = new Set(Object.values(graphs).map(({ path }) => path));
  const encoders: GraphFile[] = [];
  const controlNets: GraphFile[] = [];
  for (const path of (folder.paths ?? []).filter((one) => one.endsWith(".onnx") && !taken.has(one)).sort(byLength)) {
    const graph = await folder.graph(path);
    const part = partOf(graph);
    if (isControlNet(graph)) controlNets.push(graph);
    else if (part === "text_encoder") encoders.push(graph);
    else if (part) graphs[part] ??= graph;
  }
  if (!BACKBONES.some((part) => graphs[part])) for (const graph of controlNets) checkObstacles(graph.path, graph);
  if (ENCODERS.some((part) => graphs[part])) return;
  for (const graph of encoders) {
    const part = encoders.length === 1 ? "text_encoder" : (numbered(graph.path) ?? projected(graph));
    graphs[part] ??= graph;
  }
}

const byLength = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

/** @returns undefined for a graph that no pipeline here runs, such as a safety checker */
export function partOf({ inputs, outputs }: OnnxGraph): PartName | undefined {
  const named = (values: readonly GraphValue[], pattern: RegExp) => values.some(({ name }) => pattern.test(name));
  if (named(inputs, /^time_?steps?$|^t$/i)) return named(inputs, /^hidden_states$/) ? "transformer" : "unet";
  if (named(inputs, /^input_ids$/)) return "text_encoder";
  if (inputs.length !== 1 || inputs[0].shape.length !== 4) return undefined;
  if (named(outputs, /latent/i)) return "vae_encoder";
  return named(inputs, /latent|^z$/i) ? "vae_decoder" : undefined;
}

/** text_encoder_2_model_q4f16.onnx says which it is; so does text_encoder_model.onnx beside it. */
function numbered(path: string): (typeof ENCODERS)[number] | undefined {
  const number = /text[_-]?encoder(?:[_-]?([123])(?!\d))?/i.exec(path);
  return number ? ENCODERS[Number(number[1] ?? 1) - 1] : undefined;
}

const projected = ({ outputs }: OnnxGraph) =>
  outputs.some(({ name }) => name === "text_embeds") ? "text_encoder_2" : "text_encoder";
