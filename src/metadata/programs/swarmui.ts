/** SwarmUI: a JSON object in `parameters` whose `sui_image_params` hold what was chosen. */
import { type Found, isObject } from "../found";
import { taggedNegativePrompt, taggedPrompt } from "../lora-tags";
import { addLora, type Mapping, mapValues, model, named, number, type Setter, sampler, silent } from "../mapping";
import type { Texts } from "../texts";

/** Two lists of the same length, or two texts with commas. */
const loras: Setter = (found, value, { loraweights }) => {
  const list = (given: unknown) => (Array.isArray(given) ? given : String(given ?? "").split(","));
  const weights = list(loraweights);
  for (const [i, name] of list(value).entries())
    if (String(name).trim() !== "") addLora(found, String(name).trim(), weights[i] ?? 1);
};

const MAPPING: Mapping = {
  prompt: taggedPrompt,
  negativeprompt: taggedNegativePrompt,
  seed: number("seed", "Seed"),
  steps: number("steps", "Steps"),
  cfgscale: number("guidanceScale", "CFG scale"),
  width: number("width", "Width"),
  height: number("height", "Height"),
  model,
  sampler: sampler("scheduler"),
  scheduler: silent,
  loras,
  loraweights: silent,
  variationseedstrength: named("Variation seed strength", 0),
  images: silent,
  aspectratio: silent,
  sidelength: silent,
  automaticvae: silent,
  swarm_version: silent,
  date: silent,
  generation_time: silent,
};

export function readSwarmUi(texts: Texts): Found | null {
  const values = texts.jsonOf("parameters")?.sui_image_params;
  return isObject(values) && typeof values.prompt === "string" ? mapValues("SwarmUI", values, MAPPING) : null;
}
