/** From a sampler's latents back to where they begin: empty ones of a size, or a picture. */
import { note } from "../../found";
import { type Graph, linkOf, type Node } from "./graph";
import { isSampler } from "./samplers";
import { inputOf, numberIn, valueIn } from "./values";

export interface Latents {
  /** "sampler" where another sampler made them */
  from: "empty" | "picture" | "sampler" | "unknown";
  width?: number;
  height?: number;
  /** what has no counterpart here */
  notes: string[];
}

const MAX_NODES = 100;

export function latentsOf(graph: Graph, sampler: Node): Latents {
  const latents: Latents = { from: "unknown", notes: [] };
  const say = (text: string) => latents.notes.push(text);
  let batch = 1;
  let scale = 1;
  let input = ["latent_image", "optional_latent", "latent", "samples"]
    .map((name) => inputOf(graph, sampler, name))
    .find(Array.isArray) as unknown;
  for (let i = 0; i < MAX_NODES; i++) {
    const link = linkOf(graph, input);
    if (!link) break;
    const { node } = link;
    const { type, inputs } = node;
    const samples = inputs.samples ?? inputs.latent;
    const size = sizeOf(graph, node);
    if (isSampler(node)) {
      latents.from = "sampler";
      break;
    }
    if (["pixels", "image", "images"].some((name) => Array.isArray(inputs[name]))) {
      latents.from = "picture";
      say(`the start image (${type})`);
      break;
    }
    if (!Array.isArray(samples) && size) {
      latents.from = "empty";
      latents.width ??= size.width * scale;
      latents.height ??= size.height * scale;
      batch *= numberIn(graph, inputs.batch_size, "batch_size") ?? 1;
      break;
    }
    if (type === "RepeatLatentBatch") batch *= numberIn(graph, inputs.amount) ?? 1;
    else if (Array.isArray(samples) && size) {
      latents.width ??= size.width * scale;
      latents.height ??= size.height * scale;
    } else if (typeof inputs.scale_by === "number") scale *= inputs.scale_by;
    else if (Array.isArray(samples)) say(type);
    const piped = inputOf(graph, node, "latent") ?? inputOf(graph, node, "latent_image");
    input = Array.isArray(samples) ? samples : piped;
    if (!Array.isArray(input)) say(`the first latents (${type})`);
  }
  if (batch !== 1) say(`${note("Batch size", batch)} (the seed gives the first of these pictures)`);
  return latents;
}

/** Of a node that makes or enlarges latents. */
function sizeOf(graph: Graph, { inputs }: Node): { width: number; height: number } | undefined {
  const width = numberIn(graph, inputs.empty_latent_width ?? inputs.width, "width");
  const height = numberIn(graph, inputs.empty_latent_height ?? inputs.height, "height");
  if (width && height) return { width, height };
  // "1216 x 832 (landscape)"
  for (const name of ["dimensions", "resolution", "size", "aspect_ratio"]) {
    const sides = /(\d{2,5})\s*[x×*]\s*(\d{2,5})/.exec(String(valueIn(graph, inputs[name])));
    if (sides) return { width: Number(sides[1]), height: Number(sides[2]) };
  }
  return undefined;
}
