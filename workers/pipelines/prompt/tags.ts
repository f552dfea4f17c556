/**
 * What AUTOMATIC1111 takes out of a prompt before it reads the rest: tags (`<lora:name:weight>`), comments (from `#` on) and AND. They do
 * nothing here, but drawn as words they would spoil the picture.
 */

export interface Separated {
  /** what the text encoder is given */
  readonly text: string;
  /** what it is not, as it was typed */
  readonly ignored: string[];
}

const TAG = / ?<\w+:[^<>]+>/g;
/** At the start of a line, or between spaces: "robot #5" and "C#" are words. `\#` is the character. */
const COMMENT = /^[^\S\n]*#.*(?:\n|$)|(?<=\s)#(?= ).*$/gm;
const QUOTED_OR_AND = /"[^"]*"|\bAND\b/g;
/** Of a composed part, at its end. */
const AND_WEIGHT = /:\s*[-+]?(?:\d+\.?\d*|\.\d+)$/;

export function separateTags(prompt: string): Separated {
  const ignored: string[] = [];
  const take = (text: string) => {
    ignored.push(text.trim());
    return "";
  };
  const words = prompt.replace(COMMENT, take).replace(TAG, take);
  const composed = composedParts(words);
  if (composed.length > 1) ignored.push("AND");
  const text = composed.length > 1 ? composed.filter((part) => part !== "").join(", ") : words;
  return { text: text.replaceAll("\\#", "#"), ignored };
}

/** Prompts that AND composes, without their weights; in quotes, or in capitals throughout, it is a word. */
function composedParts(text: string): string[] {
  if (!/\p{Ll}/u.test(text)) return [text];
  const parts = text.replace(QUOTED_OR_AND, (found) => (found === "AND" ? "\0" : found)).split("\0");
  return parts.map((part) => part.trim().replace(AND_WEIGHT, "").trim());
}
