/** The sampler nodes of a graph, by what they take: ComfyUI's own and those of many extensions. */
import { type Graph, linkOf, type Node } from "./graph";
import { inputOf, numberIn, valueIn } from "./values";

/** What a sampler node was told; values that a node computes are undefined. */
export interface Sampling {
  seed?: unknown;
  steps?: unknown;
  cfg?: unknown;
  sampler?: unknown;
  scheduler?: unknown;
  denoise?: unknown;
  positive: unknown;
  /** null where the node takes no negative conditioning */
  negative: unknown;
  model: unknown;
  notes: string[];
}

const TAKES_CONDITIONING = "positive conditioning sdxl_tuple pipe basic_pipe context".split(" ");

export function isSampler({ type, inputs }: Node): boolean {
  const has = (name: string) => inputs[name] !== undefined;
  if (has("sigmas") && has("sampler") && (has("guider") || has("positive"))) return true;
  if (!TAKES_CONDITIONING.some((name) => Array.isArray(inputs[name]))) return false;
  return type.startsWith("KSampler") || (has("steps") && (has("seed") || has("noise_seed")));
}

export function samplingOf(graph: Graph, node: Node): Sampling {
  return Array.isArray(node.inputs.sigmas) ? custom(graph, node) : plain(graph, node);
}

function plain(graph: Graph, node: Node): Sampling {
  const { inputs } = node;
  const value = (name: string) => valueIn(graph, inputOf(graph, node, name), name);
  const notes: string[] = [];
  const [start, end, steps] = ["start_at_step", "end_at_step", "steps"].map((name) => value(name));
  if (typeof start === "number" && start > 0) notes.push(`Start at step: ${start}`);
  if (typeof end === "number" && typeof steps === "number" && end < steps) notes.push(`End at step: ${end}`);
  if (inputs.add_noise === "disable" || inputs.add_noise === false) notes.push("Add noise: no");
  return {
    seed: value("seed") ?? value("noise_seed"),
    steps,
    cfg: value("cfg"),
    sampler: value("sampler_name"),
    scheduler: value("scheduler"),
    denoise: value("denoise"),
    positive: inputOf(graph, node, "positive") ?? inputs.conditioning,
    negative: inputOf(graph, node, "negative") ?? null,
    model: inputOf(graph, node, "model") ?? inputs.sdxl_tuple ?? inputs.pipe ?? inputs.basic_pipe,
    notes,
  };
}

/** SamplerCustom, and SamplerCustomAdvanced, whose guider holds the model and the prompts. */
function custom(graph: Graph, node: Node): Sampling {
  const { inputs } = node;
  const notes: string[] = [];
  const guider = linkOf(graph, inputs.guider)?.node ?? node;
  const noise = linkOf(graph, inputs.noise)?.node;
  if (inputs.add_noise === false || noise?.type === "DisableNoise") notes.push("Add noise: no");
  const given = guider.inputs;
  const isUnguided = given.cfg === undefined && given.negative === undefined;
  if (given.cond2 !== undefined || given.empty_conditioning !== undefined) notes.push(guider.type);
  return {
    seed: valueIn(graph, noise?.inputs.noise_seed ?? inputs.noise_seed, "noise_seed"),
    ...sigmasOf(graph, inputs.sigmas, notes),
    cfg: isUnguided ? 1 : valueIn(graph, given.cfg ?? given.cfg_conds, "cfg"),
    sampler: samplerName(graph, inputs.sampler),
    positive: given.positive ?? given.conditioning ?? given.cond1,
    negative: given.negative ?? null,
    model: given.model ?? inputs.model,
    notes,
  };
}

/** KSamplerSelect names the sampler; SamplerDPMPP_2M_SDE and its like are one themselves. */
function samplerName(graph: Graph, input: unknown): unknown {
  const node = linkOf(graph, input)?.node;
  if (!node) return undefined;
  const named = valueIn(graph, node.inputs.sampler_name, "sampler_name");
  if (named !== undefined) return named;
  const name = node.type.replace(/^K?Sampler_?/, "");
  return name.replace(/([a-z])([A-Z])/g, "$1_$2").toLowerCase();
}

const MAX_NODES = 50;

/** The steps and the schedule, behind nodes that split or turn it. */
function sigmasOf(graph: Graph, input: unknown, notes: string[]): Pick<Sampling, "steps" | "scheduler" | "denoise"> {
  let from = input;
  for (let i = 0; i < MAX_NODES; i++) {
    const node = linkOf(graph, from)?.node;
    if (!node) break;
    const { inputs, type } = node;
    if (inputs.steps !== undefined) {
      const scheduler = valueIn(graph, inputs.scheduler, "scheduler") ?? type.replace(/Scheduler$/, "");
      return { steps: numberIn(graph, inputs.steps, "steps"), scheduler, denoise: valueIn(graph, inputs.denoise) };
    }
    notes.push(typeof inputs.step === "number" ? `${type}: ${inputs.step}` : type);
    from = inputs.sigmas ?? Object.values(inputs).find(Array.isArray);
  }
  return {};
}
