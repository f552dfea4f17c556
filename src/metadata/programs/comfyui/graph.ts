/** ComfyUI's graphs: `prompt`, the nodes as they ran, and `workflow`, the nodes as they were drawn. */
import { isObject, type Json } from "../../found";

export interface Node {
  readonly id: string;
  readonly type: string;
  /** values and links, by name; a link is [id, output slot] */
  readonly inputs: Json;
  /** what the outputs are called, where it is known; lower case */
  readonly outputs: readonly string[];
}

export type Graph = ReadonlyMap<string, Node>;

/** Where an input comes from. */
export interface Link {
  readonly node: Node;
  readonly slot: number;
}

/** The widgets of drawn nodes that do not name them, in their order. */
const WIDGETS: Record<string, readonly string[]> = {
  KSampler: ["seed", "control", "steps", "cfg", "sampler_name", "scheduler", "denoise"],
  KSamplerAdvanced:
    "add_noise noise_seed control steps cfg sampler_name scheduler start_at_step end_at_step return_with_leftover_noise".split(
      " ",
    ),
  "KSampler (Efficient)": ["seed", "control", "steps", "cfg", "sampler_name", "scheduler", "denoise"],
  "Efficient Loader":
    "ckpt_name vae_name clip_skip lora_name lora_model_strength lora_clip_strength positive negative token_normalization weight_interpretation empty_latent_width empty_latent_height batch_size".split(
      " ",
    ),
  SamplerCustom: ["add_noise", "noise_seed", "control", "cfg"],
  RandomNoise: ["noise_seed", "control"],
  KSamplerSelect: ["sampler_name"],
  BasicScheduler: ["scheduler", "steps", "denoise"],
  KarrasScheduler: ["steps", "sigma_max", "sigma_min", "rho"],
  SDTurboScheduler: ["steps", "denoise"],
  CFGGuider: ["cfg"],
  FluxGuidance: ["guidance"],
  CLIPTextEncode: ["text"],
  CLIPTextEncodeSDXL: "width height crop_w crop_h target_width target_height text_g text_l".split(" "),
  CLIPTextEncodeSD3: ["clip_l", "clip_g", "t5xxl", "empty_padding"],
  CLIPTextEncodeFlux: ["clip_l", "t5xxl", "guidance"],
  CLIPSetLastLayer: ["stop_at_clip_layer"],
  EmptyLatentImage: ["width", "height", "batch_size"],
  EmptySD3LatentImage: ["width", "height", "batch_size"],
  RepeatLatentBatch: ["amount"],
  LatentUpscale: ["upscale_method", "width", "height", "crop"],
  LatentUpscaleBy: ["upscale_method", "scale_by"],
  CheckpointLoaderSimple: ["ckpt_name"],
  UNETLoader: ["unet_name", "weight_dtype"],
  LoraLoader: ["lora_name", "strength_model", "strength_clip"],
  LoraLoaderModelOnly: ["lora_name", "strength_model"],
  ControlNetApplyAdvanced: ["strength", "start_percent", "end_percent"],
  PrimitiveNode: ["value"],
};

/** The frontend's own widget behind a seed: what becomes of it after a run. */
const CONTROL = "control";
const SEEDS = ["seed", "noise_seed"];

/** @param workflow the same nodes as drawn, which name the outputs; where there is no `prompt` it is read itself */
export function readGraph(prompt: Json | undefined, workflow: Json | undefined): Graph {
  const drawn = drawnNodes(workflow);
  const ran = ranNodes(prompt, drawn);
  return ran.size > 0 ? ran : drawn;
}

function ranNodes(json: Json | undefined, drawn: Graph): Graph {
  const graph = new Map<string, Node>();
  for (const [id, node] of Object.entries(json ?? {})) {
    if (!isObject(node) || typeof node.class_type !== "string" || !isObject(node.inputs)) continue;
    const named = drawn.get(id);
    const outputs = named?.type === node.class_type ? named.outputs : [];
    graph.set(id, { id, type: node.class_type, inputs: node.inputs, outputs });
  }
  return graph;
}

const MUTED = 2;
const BYPASSED = 4;
/** Of a bypassed node: it gives on what comes in. */
const BYPASS = "Bypass";

function drawnNodes(json: Json | undefined): Graph {
  const graph = new Map<string, Node>();
  const nodes = Array.isArray(json?.nodes) ? json.nodes.filter(isObject) : [];
  const sources = linkSources(Array.isArray(json?.links) ? json.links : []);
  const stored = new Map<unknown, unknown>();
  for (const node of nodes) {
    const { type, mode } = node;
    if (typeof type !== "string" || mode === MUTED) continue;
    const slots = Array.isArray(node.inputs) ? node.inputs.filter(isObject) : [];
    const inputs = widgetsOf(type, node, slots);
    const links: [Json, unknown][] = slots.flatMap((slot) =>
      sources.has(slot.link) ? [[slot, sources.get(slot.link)]] : [],
    );
    for (const [{ name }, link] of links) inputs[typeof name === "string" && name ? name : "input"] = link;
    // KJNodes' wireless links: one node keeps a link under a name, others fetch it
    const values = Array.isArray(node.widgets_values) ? node.widgets_values : [];
    if (type === "SetNode" && links.length > 0) stored.set(values[0], links[0][1]);
    if (type === "GetNode") inputs.stored = values[0];
    const outputs = Array.isArray(node.outputs) ? node.outputs.filter(isObject) : [];
    const id = String(node.id);
    if (mode === BYPASSED) graph.set(id, { id, type: BYPASS, inputs: bypassed(links, outputs), outputs: [] });
    else graph.set(id, { id, type, inputs, outputs: outputs.map(({ name }) => String(name).toLowerCase()) });
  }
  for (const node of graph.values())
    if (node.type === "GetNode") (node.inputs as Json).input = stored.get(node.inputs.stored);
  return graph;
}

/** A link is [number, from node, from slot, to node, to slot, type], or an object with these. */
function linkSources(links: readonly unknown[]): Map<unknown, [string, unknown]> {
  const sources = new Map<unknown, [string, unknown]>();
  for (const link of links) {
    if (Array.isArray(link)) sources.set(link[0], [String(link[1]), link[2]]);
    else if (isObject(link)) sources.set(link.id, [String(link.origin_id), link.origin_slot]);
  }
  return sources;
}

function widgetsOf(type: string, node: Json, slots: readonly Json[]): Json {
  if (isObject(node.widgets_values)) return { ...node.widgets_values };
  const values = Array.isArray(node.widgets_values) ? node.widgets_values : [];
  const known = Object.hasOwn(WIDGETS, type) ? WIDGETS[type] : undefined;
  // Newer frontends list every widget among the inputs.
  const listed = slots.flatMap(({ widget }) =>
    isObject(widget) && typeof widget.name === "string" ? [widget.name] : [],
  );
  const withControl = listed.flatMap((name) => (SEEDS.includes(name) ? [name, CONTROL] : [name]));
  const names = known ?? [listed, withControl].find(({ length }) => length === values.length) ?? [];
  return Object.fromEntries(names.map((name, i) => [name, values[i]]));
}

/** For each output the first input of its type. */
function bypassed(links: readonly [Json, unknown][], outputs: readonly Json[]): Json {
  return Object.fromEntries(
    outputs.map(({ type }, slot) => [`slot${slot}`, links.find(([input]) => input.type === type)?.[1]]),
  );
}

const MAX_REROUTES = 100;

/** Where an input comes from, through nodes that only pass it on. Undefined where it is not a link, or one to nowhere. */
export function linkOf(graph: Graph, input: unknown): Link | undefined {
  let from = input;
  for (let i = 0; i < MAX_REROUTES; i++) {
    if (!Array.isArray(from)) return undefined;
    const node = graph.get(String(from[0]));
    const slot = Number(from[1]) || 0;
    if (!node) return undefined;
    if (node.type === BYPASS) from = node.inputs[`slot${slot}`];
    else if (/^(Reroute|GetNode|SetNode)\b/i.test(node.type)) from = Object.values(node.inputs).find(Array.isArray);
    else return { node, slot };
  }
  return undefined;
}
