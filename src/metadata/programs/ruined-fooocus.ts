/** RuinedFooocus: a JSON object in `parameters`, with keys of its own. */
import type { Found } from "../found";
import {
  addLora,
  type Mapping,
  mapValues,
  model,
  named,
  negativePrompt,
  number,
  prompt,
  type Setter,
  sampler,
  silent,
} from "../mapping";
import type { Texts } from "../texts";

/** "Loras:<ink.safetensors:0.7><oil.safetensors:1>", or a list of [weight, file] */
const loras: Setter = (found, value) => {
  if (typeof value === "string")
    for (const [, name, weight] of value.matchAll(/<([^<>]+):([^<>:]+)>/g)) addLora(found, name, weight);
  else if (Array.isArray(value))
    for (const one of value) if (Array.isArray(one)) addLora(found, String(one[1]), one[0]);
};

const MAPPING: Mapping = {
  Prompt: prompt,
  Negative: negativePrompt,
  steps: number("steps", "Steps"),
  cfg: number("guidanceScale", "CFG"),
  width: number("width", "Width"),
  height: number("height", "Height"),
  seed: number("seed", "Seed"),
  sampler_name: sampler("scheduler"),
  scheduler: silent,
  base_model_name: model,
  base_model_hash: silent,
  loras,
  start_step: named("start_step", 0),
  denoise: named("denoise", 1),
  clip_skip: named("clip_skip", 1),
  software: silent,
};

export function readRuinedFooocus(texts: Texts): Found | null {
  const values = texts.jsonOf("parameters");
  const isIts = values && (values.software === "RuinedFooocus" || "base_model_name" in values);
  return isIts && typeof values.Prompt === "string" ? mapValues("RuinedFooocus", values, MAPPING) : null;
}
