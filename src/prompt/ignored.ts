/** What the engine does not read of a prompt, in sentences with what helps. */
import { loraTitle } from "../loras/loras";

/** LoRAs by name, with or without their file's ending. */
export interface KnownLoras {
  kept: readonly string[];
  loaded: readonly { name: string; scale: number }[];
}

const MOST = 4;
const LONGEST = 60;

/** @param ignored as `PromptReading.ignored` */
export function ignoredSentences(ignored: readonly string[], loras: KnownLoras): string[] {
  const sentences = [...new Set(ignored.map((one) => sentenceOf(one, loras)))];
  const more = sentences.length - MOST;
  return more > 0 ? [...sentences.slice(0, MOST), `${more} more are ignored.`] : sentences;
}

function sentenceOf(ignored: string, loras: KnownLoras): string {
  const shown = ignored.length > LONGEST ? `${ignored.slice(0, LONGEST)}…` : ignored;
  if (ignored === "AND") return "AND is read as a comma.";
  if (ignored.startsWith("#")) return `“${shown}” is ignored as a comment.`;
  const [, kind = "", name = ""] = /^<(\w+):([^:<>]*)/.exec(ignored) ?? [];
  if (/^(lora|lyco)$/i.test(kind)) return `${shown} is ignored. ${loraRemedy(name.trim(), loras)}`;
  if (/^hypernet$/i.test(kind)) return `${shown} is ignored. Hypernetworks are not supported.`;
  return `${shown} is ignored.`;
}

function loraRemedy(name: string, { kept, loaded }: KnownLoras): string {
  const isIt = (file: string) => loraTitle(file).toLowerCase() === loraTitle(name).toLowerCase();
  const inUse = loaded.find((one) => isIt(one.name));
  if (inUse) return `${name} is loaded at ${inUse.scale}.`;
  return kept.some(isIt) ? `Switch ${name} on under Models.` : `Add ${name} under Models.`;
}
