/** NovelAI: the prompt in `Description`, all else as JSON in `Comment`. Its braces weigh what stands in them, as round brackets do here. */
import { type Found, isObject, type Json, note } from "../found";
import {
  type Mapping,
  mapValues,
  model,
  named,
  negativePrompt,
  noteGpuNoise,
  number,
  prompt,
  sampler,
  silent,
} from "../mapping";
import type { Texts } from "../texts";

const MAPPING: Mapping = {
  prompt: (found, value, values) => prompt(found, weighed(String(value)), values),
  uc: (found, value, values) => negativePrompt(found, weighed(String(value)), values),
  steps: number("steps", "Steps"),
  scale: number("guidanceScale", "Scale"),
  seed: number("seed", "Seed"),
  width: number("width", "Width"),
  height: number("height", "Height"),
  sampler: sampler("noise_schedule"),
  noise_schedule: silent,
  model,
  cfg_rescale: named("cfg_rescale", 0),
  uncond_scale: named("uncond_scale", 1),
  n_samples: named("n_samples", 1),
  request_type: named("request_type", "PromptGenerateRequest"),
  v4_prompt: (found, value) => noteCharacters(found, "character prompts", value),
  v4_negative_prompt: (found, value) => noteCharacters(found, "negative character prompts", value),
  signed_hash: silent,
  version: silent,
};

export function readNovelAi(texts: Texts): Found | null {
  const whole = texts.jsonOf("parameters"); // WebP files hold all of it in one tag
  const comment = texts.jsonOf("Comment") ?? nested(whole?.Comment);
  const software = texts.of("Software") ?? whole?.Software;
  if (!comment || !(String(software).startsWith("NovelAI") || ("uc" in comment && "sampler" in comment))) return null;
  const description = texts.of("Description") ?? whole?.Description;
  const source = texts.of("Source") ?? whole?.Source;
  const found = mapValues("NovelAI", { prompt: description, model: source, ...comment }, MAPPING);
  return found.settings.prompt === undefined ? null : noteGpuNoise(found);
}

function nested(value: unknown): Json | undefined {
  try {
    const json: unknown = typeof value === "string" ? JSON.parse(value) : value;
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

/** Version 4: a prompt for each character. */
function noteCharacters(found: Found, label: string, value: unknown): void {
  const caption = isObject(value) && isObject(value.caption) ? value.caption.char_captions : undefined;
  for (const one of Array.isArray(caption) ? caption.filter(isObject) : [])
    if (typeof one.char_caption === "string" && one.char_caption) found.unmapped.push(note(label, one.char_caption));
}

/** One pair of braces or brackets. */
const STEP = 1.05;

/** {{smile}} is (smile:1.1025) and [rain] is (rain:0.952); round brackets are text there. */
export function weighed(text: string): string {
  let depth = 0;
  let result = "";
  const parts = text.split(/([{}[\]])/);
  const opened: string[] = [];
  for (const part of parts) {
    if (part === "{" || part === "[") opened.push(part);
    else if (part === "}" || part === "]") {
      if (opened.at(-1) === (part === "}" ? "{" : "[")) opened.pop();
    } else if (part !== "") {
      depth = opened.reduce((sum, one) => sum + (one === "{" ? 1 : -1), 0);
      const plain = part.replace(/[()\\]/g, "\\$&");
      result += depth === 0 || plain.trim() === "" ? plain : `(${plain}:${Number((STEP ** depth).toFixed(4))})`;
    }
  }
  return result;
}
