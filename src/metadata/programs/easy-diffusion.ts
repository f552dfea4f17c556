/** Easy Diffusion: a PNG text for each setting, or in other formats one JSON object with them. */
import type { Found, Json } from "../found";
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
  sampler,
  silent,
} from "../mapping";
import type { Texts } from "../texts";

/** One LoRA or a list, with as many weights. */
const loras: Setter = (found, value, { lora_alpha }) => {
  const [names, weights] = [value, lora_alpha].map((given) => (Array.isArray(given) ? given : [given]));
  for (const [i, name] of names.entries()) if (name) addLora(found, String(name), weights[i] ?? 1);
};

const MAPPING: Mapping = {
  prompt,
  negative_prompt: negativePrompt,
  seed: number("seed", "Seed"),
  num_inference_steps: number("steps", "Steps"),
  guidance_scale: number("guidanceScale", "Guidance scale"),
  width: number("width", "Width"),
  height: number("height", "Height"),
  sampler_name: sampler("scheduler_name"),
  scheduler_name: silent,
  use_stable_diffusion_model: model,
  use_lora_model: loras,
  lora_alpha: silent,
  clip_skip: named("Clip skip", "False"),
  prompt_strength: named("Prompt strength", "None"),
};

/** What it writes beside these, and nobody else does under these names. */
const OTHERS = [
  "use_vae_model",
  "use_hypernetwork_model",
  "hypernetwork_strength",
  "use_controlnet_model",
  "tiling",
  "use_upscale",
  "use_face_correction",
];

export function readEasyDiffusion(texts: Texts): Found | null {
  const json = texts.jsonOf("parameters");
  const values: Json =
    json && "num_inference_steps" in json
      ? json
      : Object.fromEntries([...Object.keys(MAPPING), ...OTHERS].map((key) => [key, texts.of(key)]));
  if (typeof values.prompt !== "string" || values.num_inference_steps === undefined) return null;
  return noteGpuNoise(mapValues("Easy Diffusion", values, MAPPING));
}
