/** Fooocus' own scheme: a JSON object in the `parameters` text. Its log files name the same values by their labels. */
import { type Found, isObject, type Json, note, setNumber, setSampler } from "./found";

const LABELS: Record<string, string> = {
  prompt: "Prompt",
  negative_prompt: "Negative Prompt",
  steps: "Steps",
  guidance_scale: "Guidance Scale",
  seed: "Seed",
  resolution: "Resolution",
  sampler: "Sampler",
  scheduler: "Scheduler",
  base_model: "Base Model",
};

const SILENT = new Set([
  "base_model_hash",
  "full_prompt",
  "full_negative_prompt",
  "metadata_scheme",
  "Metadata Scheme",
  "version",
  "Version",
  "created_by",
  "vae",
  "VAE",
]);

/** Null where the JSON is not Fooocus'. */
export function readFooocus(json: unknown): Found | null {
  if (!isObject(json)) return null;
  const left: Json = { ...json };
  const take = (key: string) => {
    const name = key in left ? key : LABELS[key];
    const value = left[name];
    delete left[name];
    return value;
  };
  const prompt = take("prompt");
  if (typeof prompt !== "string") return null;
  const negative = take("negative_prompt");
  const found: Found = {
    source: "Fooocus",
    settings: { prompt, negativePrompt: typeof negative === "string" ? negative : "" },
    unmapped: [],
  };
  setNumber(found, "steps", "Steps", take("steps"));
  setNumber(found, "guidanceScale", "Guidance scale", take("guidance_scale"));
  setNumber(found, "seed", "Seed", take("seed"));
  const resolution = take("resolution");
  // A Python tuple: "(1152, 896)"
  const sides = typeof resolution === "string" ? /^\s*\(?'?(\d+)'?,\s*'?(\d+)'?\)?\s*$/.exec(resolution) : resolution;
  if (sides && Array.isArray(sides)) {
    const [width, height] = sides.slice(-2);
    setNumber(found, "width", "Width", width);
    setNumber(found, "height", "Height", height);
  } else if (resolution !== undefined) found.unmapped.push(note("Resolution", resolution));
  const sampler = take("sampler");
  const scheduler = take("scheduler");
  if (typeof sampler === "string") setSampler(found, sampler, typeof scheduler === "string" ? scheduler : "");
  const model = take("base_model");
  if (typeof model === "string") found.model = model;
  if (found.settings.seed !== undefined) found.unmapped.push("the noise of the GPU (the seed gives other noise here)");
  for (const [key, value] of Object.entries(left)) {
    const nothing = ["", "None", "[]", null, undefined].includes(value as string);
    if (!SILENT.has(key) && !nothing) found.unmapped.push(note(key, value));
  }
  return found;
}
