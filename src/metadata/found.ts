/** What was read from a file or a link: the settings that are known here, and what is not. */
import type { MergedLora, Settings } from "../../workers/protocol";
import { isModelSchedule, samplerOfName, splitSchedule } from "./sampler-names";

export type Source = "Darkroom" | "AUTOMATIC1111" | "Fooocus" | "ComfyUI";

export interface Found {
  source: Source;
  settings: Partial<Settings>;
  /** the model's id in our files, its file's name in others' */
  model?: string;
  /** merged into the model */
  loras?: Pick<MergedLora, "name" | "scale">[];
  /** what has no counterpart here, "Clip skip: 2" */
  unmapped: string[];
}

/** Takes a text or a number for a number; what is no number of that kind is noted. */
export function setNumber(
  found: Found,
  key: "steps" | "guidanceScale" | "seed" | "width" | "height",
  label: string,
  value: unknown,
): void {
  if (value === undefined || value === null || value === "") return;
  const number = typeof value === "number" ? value : typeof value === "string" ? Number(value) : Number.NaN;
  const whole = key !== "guidanceScale";
  if (Number.isFinite(number) && number >= 0 && (!whole || Number.isSafeInteger(number))) found.settings[key] = number;
  else found.unmapped.push(note(label, value));
}

export function setSampler(found: Found, name: string, schedule = ""): void {
  const split = splitSchedule(name);
  const id = samplerOfName(split.sampler);
  if (id) found.settings.sampler = id;
  else found.unmapped.push(note("Sampler", split.sampler));
  const levels = schedule || split.schedule || "";
  if (!isModelSchedule(levels)) found.unmapped.push(note("Schedule type", levels));
}

const LONGEST = 80;

/** "Label: value", short enough for a line. */
export function note(label: string, value: unknown): string {
  const text = (typeof value === "string" ? value : (JSON.stringify(value) ?? String(value))).replace(/\s+/g, " ");
  return `${label}: ${text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text}`;
}

export type Json = Record<string, unknown>;

export function isObject(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Python writes NaN and Infinity, which JSON has no words for; they are read as null.
 * @throws SyntaxError
 */
export function parsePythonJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (!/NaN|Infinity/.test(text)) throw error;
    return JSON.parse(withoutNaN(text));
  }
}

function withoutNaN(text: string): string {
  let result = "";
  let from = 0;
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const character = text[i];
    if (quoted && character === "\\") i++;
    else if (character === '"') quoted = !quoted;
    else if (!quoted) {
      const word = ["NaN", "-Infinity", "Infinity"].find((one) => text.startsWith(one, i));
      if (!word) continue;
      result += `${text.slice(from, i)}null`;
      from = i + word.length;
      i = from - 1;
    }
  }
  return result + text.slice(from);
}
