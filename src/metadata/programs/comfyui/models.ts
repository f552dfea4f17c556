/** The model, the LoRAs in it, and what changes it: back from a sampler's model and from the text encoders' CLIP. */
import { isObject, note } from "../../found";
import { type Graph, linkOf, type Node } from "./graph";
import { numberIn, valueIn } from "./values";

export interface Lora {
  name: string;
  /** its weight in the network; undefined where the sampler's model does not pass it */
  model?: number;
  /** its weight in the text encoder; undefined where no text encoder's CLIP passes it */
  clip?: number;
}

export interface Models {
  name?: string;
  loras: Lora[];
  notes: string[];
}

const NAMES = ["ckpt_name", "unet_name", "base_ckpt_name", "model_name", "model_path", "ckpt"];
const MAX_NODES = 200;

export function modelsOf(graph: Graph, model: unknown, clips: readonly unknown[]): Models {
  const models: Models = { loras: [], notes: [] };
  const loras = new Map<string, Lora>();
  const say = (text: string) => {
    if (!models.notes.includes(text)) models.notes.push(text);
  };

  function walk(input: unknown, part: "model" | "clip"): void {
    let from = input;
    for (let i = 0; i < MAX_NODES; i++) {
      const node = linkOf(graph, from)?.node;
      if (!node) return;
      const { inputs, type } = node;
      const found = lorasOf(graph, node);
      for (const [key, lora] of found) {
        const weight = lora[part];
        if (weight !== undefined && weight !== 0)
          loras.set(key, { ...loras.get(key), name: lora.name, [part]: weight });
      }
      const skip = numberIn(graph, inputs.stop_at_clip_layer ?? inputs.clip_skip, "stop_at_clip_layer");
      if (part === "clip" && skip !== undefined && skip !== -1) say(`Clip skip: ${Math.abs(skip)}`);
      if (part === "model") {
        const name = NAMES.map((one) => valueIn(graph, inputs[one], one)).find((one) => typeof one === "string");
        if (name !== undefined) {
          models.name = name;
          return;
        }
        if (found.length === 0 && !/pipe|context|sampler|loader/i.test(type)) say(changeOf(node));
      }
      from = [inputs[part], inputs.base_ctx, inputs.pipe, inputs.basic_pipe, inputs.sdxl_tuple].find(Array.isArray);
    }
  }

  walk(model, "model");
  for (const clip of clips) walk(clip, "clip");
  models.loras = [...loras.values()];
  return models;
}

/** "ModelSamplingSD3: shift 3" */
function changeOf({ type, inputs }: Node): string {
  const values = Object.entries(inputs).filter(([, value]) => !Array.isArray(value) && !isObject(value));
  return values.length === 0 || values.length > 4 ? type : note(type, values.map((pair) => pair.join(" ")).join(", "));
}

const MAX_STACKS = 20;

/** What a node adds, by a key of its own: one LoRA, a stack, or tags in a text. */
function lorasOf(graph: Graph, node: Node, stacks = 0): [string, Lora][] {
  const { id, inputs } = node;
  const number = (...names: string[]) =>
    names.map((name) => numberIn(graph, inputs[name], name)).find((value) => value !== undefined);
  const loras: [string, Lora][] = [];
  const add = (key: string, name: unknown, model: number | undefined, clip: number | undefined) => {
    if (typeof name !== "string" || name === "" || name === "None") return;
    loras.push([`${id} ${key}`, { name, ...(model !== undefined && { model }), ...(clip !== undefined && { clip }) }]);
  };
  if (inputs.lora_name !== undefined) {
    const model = number("strength_model", "lora_model_strength", "strength", "lora_strength", "model_strength") ?? 1;
    const isModelOnly = !("strength_clip" in inputs || "lora_clip_strength" in inputs || "clip" in inputs);
    add(
      "",
      valueIn(graph, inputs.lora_name, "lora_name"),
      model,
      isModelOnly ? undefined : (number("strength_clip", "lora_clip_strength") ?? model),
    );
  }
  for (const [key, value] of Object.entries(inputs)) {
    // rgthree's Power Lora Loader
    if (isObject(value) && typeof value.lora === "string" && value.on !== false) {
      const weight = typeof value.strength === "number" ? value.strength : 1;
      add(key, value.lora, weight, typeof value.strengthTwo === "number" ? value.strengthTwo : weight);
    }
    const index = /^lora(?:_name)?_(\d+)$/.exec(key)?.[1];
    if (index === undefined || isObject(value)) continue;
    const count = number("lora_count", "num_loras");
    if (count !== undefined && Number(index) > count) continue;
    if (inputs[`switch_${index}`] === "Off" || inputs[`enabled_${index}`] === false) continue;
    const weight =
      number(
        `strength_${index}`,
        `lora_wt_${index}`,
        `strength_model_${index}`,
        `model_str_${index}`,
        `model_weight_${index}`,
      ) ?? 1;
    add(
      key,
      valueIn(graph, value),
      weight,
      number(`strength_clip_${index}`, `clip_str_${index}`, `clip_weight_${index}`) ?? weight,
    );
  }
  const text = valueIn(graph, inputs.text);
  if (typeof text === "string" && Array.isArray(inputs.model))
    for (const [, name, weight = "1"] of text.matchAll(/<lora:([^:<>]+)(?::([-+.\d]+))?[^<>]*>/g))
      add(name, name, Number(weight), Number(weight));
  const stack = linkOf(graph, inputs.lora_stack ?? inputs.optional_lora_stack)?.node;
  return stack && stacks < MAX_STACKS ? [...loras, ...lorasOf(graph, stack, stacks + 1)] : loras;
}
