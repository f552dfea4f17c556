/** From a program's own keys and values to settings: each program is a table of what its keys mean here. */
import { type Found, isObject, type Json, note, type Source } from "./found";
import { isModelSchedule, samplerOfName, splitSchedule } from "./sampler-names";

/** What a key's value does to what was found. */
export type Setter = (found: Found, value: unknown, values: Json) => void;

export type Mapping = Readonly<Record<string, Setter>>;

type NumberKey = "steps" | "guidanceScale" | "guidanceRescale" | "seed" | "width" | "height";

/** A key without an entry is named as it is, unless its value says nothing. */
export function mapValues(source: Source, values: Json, mapping: Mapping): Found {
  const found: Found = { source, settings: {}, unmapped: [] };
  for (const [key, value] of Object.entries(values)) {
    if (!Object.hasOwn(mapping, key)) named(key)(found, value, values);
    else if (value !== undefined && value !== null) mapping[key](found, value, values);
  }
  // A file without a negative prompt was made without one.
  if (found.settings.prompt !== undefined) found.settings.negativePrompt ??= "";
  return found;
}

function saysNothing(value: unknown): boolean {
  return (
    value === undefined ||
    value === null ||
    value === false ||
    ["None", "none", "null", "[]", "{}"].includes(value as string) ||
    (typeof value === "string" && value.trim() === "") ||
    (Array.isArray(value) && value.length === 0) ||
    (isObject(value) && Object.keys(value).length === 0)
  );
}

/** Says nothing about the picture, or is said by another key. */
export const silent: Setter = () => {};

/** Named, unless it is the program's default or empty. */
export const named =
  (label: string, usual?: unknown): Setter =>
  (found, value) => {
    if (value !== usual && !saysNothing(value)) found.unmapped.push(note(label, value));
  };

export const prompt: Setter = (found, value) => {
  if (typeof value === "string") found.settings.prompt = value;
  else found.unmapped.push(note("Prompt", value));
};

export const negativePrompt: Setter = (found, value) => {
  if (typeof value === "string") found.settings.negativePrompt = value;
  else found.unmapped.push(note("Negative prompt", value));
};

export const number =
  (key: NumberKey, label: string): Setter =>
  (found, value) =>
    setNumber(found, key, label, value);

/** The name of the model's file, without the folders before it. */
export const model: Setter = (found, value) => {
  if (typeof value === "string" && value !== "") found.model = baseName(value);
};

/** Of Windows' paths too. */
export function baseName(path: string): string {
  return path.slice(Math.max(path.lastIndexOf("/"), path.lastIndexOf("\\")) + 1);
}

/** @param scheduleKey where the noise schedule has a key of its own */
export const sampler =
  (scheduleKey?: string): Setter =>
  (found, value, values) => {
    const schedule = scheduleKey === undefined ? undefined : values[scheduleKey];
    if (value === "") return;
    if (typeof value === "string") setSampler(found, value, typeof schedule === "string" ? schedule : "");
    else found.unmapped.push(note("Sampler", value));
  };

/** "512x768", "(512, 768)", "512 × 768" or [512, 768] */
export const size: Setter = (found, value) => {
  const text = Array.isArray(value) ? value.join("x") : String(value);
  const sides = /^\s*\(?'?(\d+)'?\s*[x×,]\s*'?(\d+)'?\)?\s*$/i.exec(text);
  if (!sides) found.unmapped.push(note("Size", value));
  else {
    setNumber(found, "width", "Width", sides[1]);
    setNumber(found, "height", "Height", sides[2]);
  }
};

export function addLora(found: Found, name: string, scale: unknown): void {
  const number =
    typeof scale === "number" ? scale : typeof scale === "string" && scale.trim() ? Number(scale) : Number.NaN;
  if (number === 0) return; // it changes nothing
  if (Number.isFinite(number)) found.loras = [...(found.loras ?? []), { name: baseName(name), scale: number }];
  else found.unmapped.push(note(`LoRA ${name}`, scale));
}

/** Most of these programs draw the noise on the GPU, which gives other numbers than torch does on the CPU. */
export function noteGpuNoise(found: Found): Found {
  if (found.settings.seed !== undefined) found.unmapped.push("the noise of the GPU (the seed gives other noise here)");
  return found;
}

/** Takes a number, or text that is one; what is not a number of that kind is named. */
export function setNumber(found: Found, key: NumberKey, label: string, value: unknown): void {
  if (value === undefined || value === null || value === "") return;
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
  const isWhole = key !== "guidanceScale" && key !== "guidanceRescale";
  if (Number.isFinite(number) && number >= 0 && (!isWhole || Number.isSafeInteger(number)))
    found.settings[key] = number;
  else if (key === "seed" && typeof value === "string" && /^\d{16,20}$/.test(value)) {
    // torch's Mersenne Twister uses the low 32 bits of a seed
    found.settings.seed = Number(BigInt(value) % 2n ** 32n);
    found.unmapped.push(`${note(label, value)} (too long here; ${found.settings.seed} gives the same noise)`);
  } else found.unmapped.push(note(label, value));
}

export function setSampler(found: Found, name: string, schedule = ""): void {
  const split = splitSchedule(name);
  const id = samplerOfName(split.sampler);
  if (id) found.settings.sampler = id;
  else found.unmapped.push(note("Sampler", split.sampler));
  const levels = schedule || split.schedule || "";
  if (!isModelSchedule(levels)) found.unmapped.push(note("Schedule type", levels));
}
