/** What was read from a file or a link: the settings that are known here, and what is not. */
import type { MergedLora, Settings } from "../../workers/protocol";

export type Source =
  | "Darkroom"
  | "AUTOMATIC1111"
  | "Civitai"
  | "ComfyUI"
  | "Draw Things"
  | "Easy Diffusion"
  | "Fooocus"
  | "InvokeAI"
  | "NovelAI"
  | "RuinedFooocus"
  | "SwarmUI";

export interface FoundLora extends Pick<MergedLora, "name" | "scale"> {}

export interface Found {
  source: Source;
  settings: Partial<Settings>;
  /** the model's id in our files, its file's name in others' */
  model?: string;
  /** merged into the model */
  loras?: FoundLora[];
  /** what has no counterpart here, "Clip skip: 2" */
  unmapped: string[];
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
