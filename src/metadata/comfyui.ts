/**
 * ComfyUI's graphs: `prompt`, the nodes as they ran, or else `workflow`, the nodes as they were drawn. Read is what a sampler node and
 * the nodes before it say: KSampler, CLIPTextEncode, the empty latents and the checkpoint.
 */
import { type Found, isObject, type Json, note, setNumber, setSampler } from "./found";

interface Node {
  type: string;
  inputs: Json;
}

type Graph = Map<string, Node>;

/** The widgets of a drawn node, in their order. */
const WIDGETS: Record<string, string[]> = {
  KSampler: ["seed", "control", "steps", "cfg", "sampler_name", "scheduler", "denoise"],
  KSamplerAdvanced: ["add_noise", "noise_seed", "control", "steps", "cfg", "sampler_name", "scheduler"],
  CLIPTextEncode: ["text"],
  EmptyLatentImage: ["width", "height", "batch_size"],
  EmptySD3LatentImage: ["width", "height", "batch_size"],
  CheckpointLoaderSimple: ["ckpt_name"],
  LoraLoader: ["lora_name", "strength_model", "strength_clip"],
};

/** Null where there is no sampler that is known here. */
export function readComfyUi(json: unknown): Found | null {
  const graph = graphOf(json);
  const samplers = [...graph].filter(([, { type }]) => type === "KSampler" || type === "KSamplerAdvanced");
  // With several, the first pass is the one that begins with empty latents.
  const first = samplers.find(([, { inputs }]) => isEmptyLatents(target(graph, inputs.latent_image)));
  const chosen = (first ?? samplers[0])?.[1];
  if (!chosen) return null;
  const { inputs } = chosen;
  const found: Found = { source: "ComfyUI", settings: {}, unmapped: [] };
  found.settings.prompt = promptOf(graph, inputs.positive, found, "Prompt");
  found.settings.negativePrompt = promptOf(graph, inputs.negative, found, "Negative prompt");
  setNumber(found, "seed", "Seed", valueIn(graph, inputs.seed ?? inputs.noise_seed));
  setNumber(found, "steps", "Steps", valueIn(graph, inputs.steps));
  setNumber(found, "guidanceScale", "CFG", valueIn(graph, inputs.cfg));
  const sampler = valueIn(graph, inputs.sampler_name);
  const scheduler = valueIn(graph, inputs.scheduler);
  if (typeof sampler === "string") setSampler(found, sampler, typeof scheduler === "string" ? scheduler : "");
  const latents = target(graph, inputs.latent_image);
  if (isEmptyLatents(latents)) {
    setNumber(found, "width", "Width", valueIn(graph, latents?.inputs.width));
    setNumber(found, "height", "Height", valueIn(graph, latents?.inputs.height));
  } else if (latents) found.unmapped.push(`the start image (${latents.type})`);
  const denoise = valueIn(graph, inputs.denoise);
  if (typeof denoise === "number" && denoise !== 1) found.unmapped.push(note("Denoise", denoise));
  readModel(graph, inputs.model, found);
  if (samplers.length > 1) found.unmapped.push(`${samplers.length - 1} more sampler nodes`);
  return found;
}

function graphOf(json: unknown): Graph {
  const graph: Graph = new Map();
  if (!isObject(json)) return graph;
  if (Array.isArray(json.nodes)) return drawnGraph(json.nodes, Array.isArray(json.links) ? json.links : []);
  for (const [id, node] of Object.entries(json))
    if (isObject(node) && typeof node.class_type === "string" && isObject(node.inputs))
      graph.set(id, { type: node.class_type, inputs: node.inputs });
  return graph;
}

/** A drawn node names its links by number; a link is [number, from node, from slot, to node, to slot, type]. */
function drawnGraph(nodes: unknown[], links: unknown[]): Graph {
  const graph: Graph = new Map();
  const sources = new Map<unknown, unknown[]>();
  for (const link of links) if (Array.isArray(link)) sources.set(link[0], [String(link[1]), link[2]]);
  for (const node of nodes) {
    // 2 and 4 are muted and bypassed nodes
    if (!isObject(node) || typeof node.type !== "string" || node.mode === 2 || node.mode === 4) continue;
    const values = Array.isArray(node.widgets_values) ? node.widgets_values : [];
    const inputs: Json = Object.fromEntries(
      (Object.hasOwn(WIDGETS, node.type) ? WIDGETS[node.type] : []).map((name, i) => [name, values[i]]),
    );
    for (const input of Array.isArray(node.inputs) ? node.inputs : [])
      if (isObject(input) && typeof input.name === "string" && sources.has(input.link))
        inputs[input.name] = sources.get(input.link);
    graph.set(String(node.id), { type: node.type, inputs });
  }
  return graph;
}

/** The node that an input is linked to. */
function target(graph: Graph, input: unknown): Node | undefined {
  return Array.isArray(input) ? graph.get(String(input[0])) : undefined;
}

function isEmptyLatents(node: Node | undefined): boolean {
  return node !== undefined && /^Empty.*Latent/.test(node.type);
}

const MAX_LINKS = 100;

/** A widget's value, or that of the primitive node that it is linked to. */
function valueIn(graph: Graph, input: unknown): unknown {
  let value = input;
  for (let links = 0; links < MAX_LINKS; links++) {
    const node = target(graph, value);
    if (!node) return Array.isArray(value) ? undefined : value;
    const { inputs } = node;
    value = inputs.value ?? inputs.text ?? inputs.string ?? inputs.seed ?? inputs.int ?? inputs.float;
  }
  return undefined;
}

/** The nearest text before a conditioning input; conditioning nodes in between have no counterpart. */
function promptOf(graph: Graph, input: unknown, found: Found, label: string): string {
  let node = target(graph, input);
  for (let links = 0; node && links < MAX_LINKS; links++) {
    const { inputs, type } = node;
    const text = valueIn(graph, inputs.text ?? inputs.text_g ?? inputs.t5xxl);
    if (typeof text === "string") return text;
    if (!type.startsWith("CLIPTextEncode")) found.unmapped.push(`${type} (${label.toLowerCase()})`);
    node = target(graph, inputs.conditioning ?? inputs.conditioning_1 ?? inputs.positive);
  }
  found.unmapped.push(`${label}: no text was found`);
  return "";
}

function readModel(graph: Graph, input: unknown, found: Found): void {
  let node = target(graph, input);
  for (let links = 0; node && links < MAX_LINKS; links++) {
    const { type, inputs } = node;
    const name = valueIn(graph, inputs.ckpt_name ?? inputs.unet_name);
    if (typeof name === "string") {
      found.model = name;
      return;
    }
    found.unmapped.push(typeof inputs.lora_name === "string" ? note("LoRA", inputs.lora_name) : type);
    node = target(graph, inputs.model);
  }
}
