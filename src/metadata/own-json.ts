/** The exact settings as JSON: in a PNG text of our own and in links. Read with care, since it comes from anywhere. */
import type { Settings } from "../../workers/protocol";
import { type Found, isObject, type Json, note } from "./found";
import type { Made } from "./programs/automatic1111";

/** Only ASCII, so that every PNG reader reads it. */
export function writeOwn({ settings, model, strength, loras }: Made): string {
  const more = { ...(strength !== undefined && { strength }), ...(loras && { loras }) };
  const json = JSON.stringify({ darkroom: 1, model, settings, ...more });
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

type Reader = (value: unknown) => unknown;

const text: Reader = (value) => (typeof value === "string" ? value : undefined);
const number: Reader = (value) => (typeof value === "number" && Number.isFinite(value) ? value : undefined);
const whole: Reader = (value) => (Number.isSafeInteger(value) && (value as number) >= 0 ? value : undefined);
const flag: Reader = (value) => (typeof value === "boolean" ? value : undefined);
const oneOf =
  (...values: string[]): Reader =>
  (value) =>
    values.includes(value as string) ? value : undefined;
const pair: Reader = (value) =>
  Array.isArray(value) && value.length === 2 && value.every((one) => number(one) !== undefined)
    ? [...value]
    : undefined;

/** An object with exactly these fields; undefined where one is wrong, or missing and not optional. */
const fields =
  (readers: Record<string, Reader>, optional: Record<string, Reader> = {}): Reader =>
  (value) => {
    if (!isObject(value)) return undefined;
    const given = Object.entries(optional).filter(([key]) => value[key] !== undefined);
    const entries = [...Object.entries(readers), ...given].map(([key, read]) => [key, read(value[key])] as const);
    return entries.every(([, one]) => one !== undefined) ? Object.fromEntries(entries) : undefined;
  };

/** A variation, of a variation, and so on. */
const variation: Reader = (value) => {
  const chain: Json[] = [];
  for (let one: unknown = value; one !== undefined; one = (one as Json).of) {
    const read = fields({ seed: whole, strength: number })(one);
    if (!isObject(read) || chain.length === MAX_VARIATIONS) return undefined;
    chain.push(read);
  }
  return chain.reduceRight((of: Json | undefined, one) => ({ ...one, ...(of && { of }) }), undefined);
};

/** More than anybody makes, and less than fills the memory. */
const MAX_VARIATIONS = 1000;

const READERS: Record<string, Reader> = {
  prompt: text,
  negativePrompt: text,
  plainPrompt: flag,
  sampler: text,
  steps: whole,
  guidanceScale: number,
  guidanceRescale: number,
  guidanceInterval: pair,
  eta: number,
  seed: whole,
  noiseSeed: whole,
  takeover: fields({ step: whole, levels: text }),
  maskFeather: whole,
  variation,
  highResolution: fields({ scale: number, steps: whole, strength: number }, { upscaler: oneOf("latent", "pixels") }),
  width: whole,
  height: whole,
};

const lora = fields({ name: text, scale: number });

/** Null where the JSON is not ours. */
export function readOwn(json: unknown): Found | null {
  if (!isObject(json) || typeof json.darkroom !== "number" || !isObject(json.settings)) return null;
  const settings: Json = {};
  const unmapped: string[] = [];
  for (const [key, value] of Object.entries(json.settings)) {
    const read = Object.hasOwn(READERS, key) ? READERS[key](value) : undefined;
    if (read === undefined) unmapped.push(note(key, value));
    else settings[key] = read;
  }
  if (typeof json.strength === "number") unmapped.push(`the start image (strength ${json.strength})`);
  const model = isObject(json.model) && typeof json.model.id === "string" ? json.model.id : undefined;
  const list = Array.isArray(json.loras) ? json.loras.map(lora) : [];
  const loras = list.filter((one) => one !== undefined) as NonNullable<Found["loras"]>;
  const more = { ...(model && { model }), ...(loras.length > 0 && { loras }) };
  return { source: "Darkroom", settings: settings as Partial<Settings>, unmapped, ...more };
}
