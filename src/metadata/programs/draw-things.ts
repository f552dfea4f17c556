/** Draw Things: XMP whose UserComment is JSON, and whose description is lines of text, the negative ones with a hyphen before them. */

import { parseInfotext } from "../formats/infotext";
import { jsonOf } from "../formats/python-json";
import { XMP_KEYWORD, xmpTexts } from "../formats/xmp";
import { type Found, isObject, type Json, note } from "../found";
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
  size,
} from "../mapping";
import type { Texts } from "../texts";

const loras: Setter = (found, value) => {
  for (const one of Array.isArray(value) ? value.filter(isObject) : [])
    addLora(found, String(one.model ?? one.file ?? "without a name"), one.weight ?? 1);
};

/** The keys of the JSON and of the lines. */
const MAPPING: Mapping = {
  c: prompt,
  uc: negativePrompt,
  steps: number("steps", "Steps"),
  scale: number("guidanceScale", "Guidance scale"),
  seed: number("seed", "Seed"),
  size,
  sampler: sampler(),
  model,
  lora: loras,
  strength: named("Strength", 1),
  seed_mode: silent,
  v2: silent,
  profile: silent,
};

const KEYS: Record<string, string> = {
  Steps: "steps",
  Sampler: "sampler",
  "Guidance Scale": "scale",
  Seed: "seed",
  Size: "size",
  Model: "model",
  Strength: "strength",
  "Seed Mode": "seed_mode",
};

export function readDrawThings(texts: Texts): Found | null {
  const xmp = texts.of(XMP_KEYWORD);
  if (!xmp?.includes("Draw Things")) return null;
  const json = xmpTexts(xmp, "exif:UserComment").map(jsonOf).find(isObject);
  const values = json ?? ofDescription(xmpTexts(xmp, "dc:description")[0]);
  if (!values || typeof values.c !== "string") return null;
  const found = mapValues("Draw Things", values, MAPPING);
  const { seed_mode: mode } = values;
  if (found.settings.seed !== undefined && mode !== "Torch CPU Compatible") {
    const noise = mode === undefined ? "the noise of Draw Things" : note("Seed mode", mode);
    found.unmapped.push(`${noise} (the seed gives other noise here)`);
  }
  return found;
}

function ofDescription(text = ""): Json | undefined {
  const infotext = parseInfotext(text);
  if (!infotext) return undefined;
  const lines = infotext.prompt.split("\n");
  const first = lines.findIndex((line) => line.startsWith("-"));
  const [positive, negative] = first < 0 ? [lines, []] : [lines.slice(0, first), lines.slice(first)];
  const pairs = infotext.pairs.map(([key, value]) => [KEYS[key] ?? key, key === "Strength" ? Number(value) : value]);
  return { c: positive.join("\n"), uc: negative.join("\n").replace(/^-/, ""), ...Object.fromEntries(pairs) };
}
