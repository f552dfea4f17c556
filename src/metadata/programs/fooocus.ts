/** Fooocus: a JSON object in `parameters`. Its log files name the same values by their labels. */
import { type Found, type Json, note } from "../found";
import {
  addLora,
  type Mapping,
  mapValues,
  model,
  negativePrompt,
  noteGpuNoise,
  number,
  prompt,
  type Setter,
  sampler,
  silent,
  size,
} from "../mapping";
import type { Texts } from "../texts";

/** [["file.safetensors", 0.5, "hash"], ...] */
const loras: Setter = (found, value) => {
  if (!Array.isArray(value)) return void found.unmapped.push(note("loras", value));
  for (const one of value) {
    if (Array.isArray(one) && typeof one[0] === "string") addLora(found, one[0], one[1]);
    else found.unmapped.push(note("LoRA", one));
  }
};

const MAPPING: Mapping = {
  prompt,
  negative_prompt: negativePrompt,
  steps: number("steps", "Steps"),
  guidance_scale: number("guidanceScale", "Guidance scale"),
  seed: number("seed", "Seed"),
  resolution: size,
  sampler: sampler("scheduler"),
  scheduler: silent,
  base_model: model,
  loras,
  base_model_hash: silent,
  full_prompt: silent,
  full_negative_prompt: silent,
  metadata_scheme: silent,
  version: silent,
  created_by: silent,
  vae: silent,
};

/** The labels of its log files. */
const KEYS: Record<string, string> = {
  Prompt: "prompt",
  "Negative Prompt": "negative_prompt",
  Steps: "steps",
  "Guidance Scale": "guidance_scale",
  Seed: "seed",
  Resolution: "resolution",
  Sampler: "sampler",
  Scheduler: "scheduler",
  "Base Model": "base_model",
  "Metadata Scheme": "metadata_scheme",
  Version: "version",
  VAE: "vae",
};

export function readFooocus(texts: Texts): Found | null {
  const json = texts.jsonOf("parameters");
  if (!json) return null;
  const values: Json = Object.fromEntries(
    Object.entries(json).map(([key, value]) => [Object.hasOwn(KEYS, key) ? KEYS[key] : key, value]),
  );
  if (typeof values.prompt !== "string") return null;
  return noteGpuNoise(mapValues("Fooocus", values, MAPPING));
}
