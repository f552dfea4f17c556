/** InvokeAI: JSON in `invokeai_metadata` (from version 3 on) or `sd-metadata` (2), a command line in `Dream` (1). */
import { type Found, isObject, type Json } from "../found";
import {
  addLora,
  type Mapping,
  mapValues,
  model,
  named,
  negativePrompt,
  noteGpuNoise,
  number,
  prompt,
  type Setter,
  setSampler,
  silent,
} from "../mapping";
import type { Texts } from "../texts";

/** "euler_k" is Euler with Karras' schedule. */
const scheduler: Setter = (found, value) => {
  const name = String(value);
  if (name.endsWith("_k")) setSampler(found, name.slice(0, -2), "Karras");
  else setSampler(found, name);
};

const modelName: Setter = (found, value, values) => {
  const name = isObject(value) ? (value.name ?? value.model_name) : value;
  model(found, name, values);
};

/** Of version 3 and of later ones. */
const loras: Setter = (found, value) => {
  for (const one of Array.isArray(value) ? value.filter(isObject) : []) {
    const file = isObject(one.model) ? one.model : isObject(one.lora) ? one.lora : {};
    addLora(found, String(file.name ?? file.model_name ?? "without a name"), one.weight);
  }
};

const MAPPING: Mapping = {
  positive_prompt: prompt,
  negative_prompt: negativePrompt,
  width: number("width", "Width"),
  height: number("height", "Height"),
  seed: number("seed", "Seed"),
  steps: number("steps", "Steps"),
  cfg_scale: number("guidanceScale", "CFG scale"),
  cfg_rescale_multiplier: (found, value, values) => {
    if (value !== 0) number("guidanceRescale", "CFG rescale")(found, value, values);
  },
  scheduler,
  sampler: scheduler,
  model: modelName,
  model_weights: model,
  loras,
  clip_skip: named("Clip skip", 0),
  generation_mode: named("Generation mode", "txt2img"),
  rand_device: silent,
  app_version: silent,
  app_id: silent,
  metadata_version: silent,
  model_hash: silent,
  type: named("type", "txt2img"),
  threshold: named("threshold", 0),
  perlin: named("perlin", 0),
};

/** "(a cat)1.3" and "cat++" */
const WEIGHTS = /\)\s*(?:\d|[+-])|\w\+\+?(?=[\s,]|$)/;

export function readInvokeAi(texts: Texts): Found | null {
  const values =
    texts.jsonOf("invokeai_metadata") ?? ofVersion2(texts.jsonOf("sd-metadata")) ?? ofDream(texts.of("Dream"));
  if (!values || typeof values.positive_prompt !== "string") return null;
  const { generation_mode: mode } = values;
  const found = mapValues(
    "InvokeAI",
    typeof mode === "string" ? { ...values, generation_mode: mode.replace(/^\w+_(?=txt2img$)/, "") } : values,
    MAPPING,
  );
  if (WEIGHTS.test(`${found.settings.prompt}\n${found.settings.negativePrompt}`))
    found.unmapped.push("InvokeAI's weights; write them as (words:1.2)");
  return values.rand_device === "cpu" ? found : noteGpuNoise(found);
}

function ofVersion2(json: Json | undefined): Json | undefined {
  if (!isObject(json?.image)) return undefined;
  const { image, ...others } = json;
  const { prompt: given, ...rest } = image as Json;
  const texts = Array.isArray(given)
    ? given.filter(isObject).map((one) => String(one.prompt ?? ""))
    : [String(given ?? "")];
  return { ...withNegative(texts.join(" ")), ...rest, ...others, model: undefined, rand_device: "cpu" };
}

const OPTIONS: Record<string, string> = {
  s: "steps",
  S: "seed",
  W: "width",
  H: "height",
  C: "cfg_scale",
  A: "sampler",
};

/** "a cat" -s 50 -S 42 -W 512 -H 512 -C 7.5 -A k_lms */
function ofDream(line: string | undefined): Json | undefined {
  const quoted = /^\s*"((?:\\.|[^"\\])*)"/.exec(line ?? "");
  if (!line || !quoted) return undefined;
  const options = line.slice(quoted[0].length).matchAll(/-{1,2}(\w+)[ =]?(\S+)/g);
  const values = Array.from(options, ([, name, value]) => [OPTIONS[name] ?? name, value]);
  return { ...withNegative(quoted[1].replace(/\\(.)/g, "$1")), ...Object.fromEntries(values), rand_device: "cpu" };
}

/** Before version 3 brackets held the negative prompt. */
function withNegative(text: string): Json {
  const negative = Array.from(text.matchAll(/\[([^[\]]*)\]/g), ([, inner]) => inner.trim());
  return { positive_prompt: text.replace(/\s*\[[^[\]]*\]/g, "").trim(), negative_prompt: negative.join(", ") };
}
