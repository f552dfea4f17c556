/** ComfyUI: its graph is read back from the sampler node that makes the picture. */
import type { Found, Json } from "../../found";
import {
  addLora,
  baseName,
  type Mapping,
  mapValues,
  model,
  named,
  negativePrompt,
  number,
  prompt,
  sampler,
  silent,
} from "../../mapping";
import type { Texts } from "../../texts";
import { type Conditioning, textOf } from "./conditioning";
import { type Graph, type Node, readGraph } from "./graph";
import { latentsOf } from "./latents";
import { modelsOf } from "./models";
import { isSampler, samplingOf } from "./samplers";

const MAPPING: Mapping = {
  positive: prompt,
  negative: negativePrompt,
  seed: number("seed", "Seed"),
  steps: number("steps", "Steps"),
  cfg: number("guidanceScale", "CFG"),
  sampler: sampler("scheduler"),
  scheduler: silent,
  width: number("width", "Width"),
  height: number("height", "Height"),
  denoise: named("Denoise", 1),
  model,
};

/**
 * Null where the texts are not ComfyUI's.
 * @throws Error for a graph without a sampler that can be read
 */
export function readComfyUi(texts: Texts): Found | null {
  return readComfyGraph(texts.jsonOf("prompt"), texts.jsonOf("workflow"));
}

export function readComfyGraph(ran: Json | undefined, drawn: Json | undefined): Found | null {
  const graph = readGraph(ran, drawn);
  if (graph.size === 0) return null;
  const samplers = [...graph.values()].filter(isSampler);
  const node = firstPass(graph, samplers);
  if (!node) throw new Error(unread(graph));
  const sampling = samplingOf(graph, node);
  const conditioning: Conditioning = { notes: [], clips: [] };
  const positive = textOf(graph, sampling.positive, "positive", conditioning);
  // A prompt that guidance never reads is no prompt.
  const negative = sampling.negative === null ? "" : textOf(graph, sampling.negative, "negative", conditioning);
  const { width, height, notes } = latentsOf(graph, node);
  const models = modelsOf(graph, sampling.model, conditioning.clips);
  const { seed, steps, cfg, sampler: name, scheduler, denoise } = sampling;
  const values = {
    positive,
    negative,
    seed,
    steps,
    cfg,
    sampler: name,
    scheduler,
    width,
    height,
    denoise,
    model: models.name,
  };
  const found = mapValues("ComfyUI", values, MAPPING);
  found.unmapped.push(...computed(values), ...sampling.notes, ...conditioning.notes, ...notes, ...models.notes);
  for (const { name: file, model: inModel, clip } of models.loras) {
    const lora = baseName(file);
    if (inModel === undefined) found.unmapped.push(`LoRA ${lora} at ${clip} in the text encoder alone`);
    else {
      addLora(found, lora, inModel);
      if (clip !== inModel) found.unmapped.push(`LoRA ${lora}: its text encoder part at ${clip ?? 0}`);
    }
  }
  for (const [embedding] of `${positive} ${negative}`.matchAll(/\bembedding:[^\s,():]+/g))
    found.unmapped.push(embedding);
  if (WEIGHTS.test(`${positive} ${negative}`))
    found.unmapped.push("ComfyUI's weights (they are scaled differently here)");
  if (samplers.length > 1) found.unmapped.push(`${samplers.length - 1} more sampler nodes`);
  return found;
}

/** The one that begins with empty latents; else one that no other sampler comes before. */
function firstPass(graph: Graph, samplers: readonly Node[]): Node | undefined {
  const ranks = { empty: 0, picture: 1, unknown: 2, sampler: 3 };
  const rank = (node: Node) => ranks[latentsOf(graph, node).from] + (Array.isArray(node.inputs.image) ? 2 : 0);
  return samplers.toSorted((a, b) => rank(a) - rank(b)).at(0);
}

/** What a node computes stands in no file. */
function computed({ seed, steps, cfg }: { seed?: unknown; steps?: unknown; cfg?: unknown }): string[] {
  return Object.entries({ Seed: seed, Steps: steps, CFG: cfg })
    .filter(([, value]) => value === undefined)
    .map(([label]) => `${label}: computed by a node`);
}

/** "(a cat:1.2)": ComfyUI does not bring the mean of the weighted states back, as AUTOMATIC1111 and this engine do. */
const WEIGHTS = /(?<!\\)\([^()]*:\s*[\d.]+\s*\)/;

const MOST_NAMED = 6;

function unread(graph: Graph): string {
  const types = [...new Set([...graph.values()].map(({ type }) => type))];
  const likely = types.filter((type) => /sampl/i.test(type));
  const listed = (likely.length > 0 ? likely : types).slice(0, MOST_NAMED).join(", ");
  return `The file holds a ComfyUI graph without a sampler node that Darkroom reads (it has ${listed}). Open it in ComfyUI and copy the settings.`;
}
