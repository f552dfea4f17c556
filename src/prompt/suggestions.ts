/** What could be meant by the words before the caret, of what the model was taught. */
import type { Concept, Concepts, Kind } from "../models/concepts";

export interface Suggestion {
  text: string;
  kind: Kind;
}

export interface Suggestions {
  /** the part of the prompt that a suggestion stands for */
  start: number;
  end: number;
  items: Suggestion[];
}

const MOST = 8;
/** Letters before anything is suggested. */
const FEWEST = 2;
/** Words before the caret that may be the beginning of one phrase, as in "to the left". */
const MOST_WORDS = 4;

/** Nothing in the middle of a word, and nothing for what is complete. */
export function suggest({ concepts }: Concepts, prompt: string, caret: number): Suggestions {
  const none = { start: caret, end: caret, items: [] };
  const typed = /[\p{L}'-]+(?: [\p{L}'-]+)*$/u.exec(prompt.slice(0, caret))?.[0];
  if (!typed || /^\p{L}/u.test(prompt.slice(caret))) return none;
  const words = typed.split(" ");
  const phrases = concepts.flatMap(phrasesOf);
  for (let count = Math.min(MOST_WORDS, words.length); count > 0; count--) {
    const wanted = words.slice(-count).join(" ");
    // Several words must continue one phrase; a single one may begin any word of it.
    if (wanted.length < FEWEST) continue;
    const lower = wanted.toLowerCase();
    const found = phrases.filter(({ text }) => begins(text, lower, count === 1));
    if (found.length === 0) continue;
    const items = found.sort((a, b) => rank(a, lower) - rank(b, lower)).slice(0, MOST);
    return { start: caret - wanted.length, end: caret, items };
  }
  return none;
}

/** The prompt with a suggestion taken, and where the caret goes: behind it and a space. */
export function take(prompt: string, { start, end }: Suggestions, text: string): { prompt: string; caret: number } {
  const rest = prompt.slice(end);
  const space = /^\s/.test(rest) ? "" : " ";
  return { prompt: `${prompt.slice(0, start)}${text}${space}${rest}`, caret: start + text.length + 1 };
}

function phrasesOf({ kind, name, wordings }: Concept): Suggestion[] {
  const phrases = wordings.some((wording) => wording.includes("{")) ? [name] : wordings;
  return phrases.map((text) => ({ text, kind }));
}

function begins(text: string, lower: string, anyWord: boolean): boolean {
  if (text === lower) return false;
  return text.startsWith(lower) || (anyWord && text.includes(` ${lower}`));
}

/** What begins with the typed letters first, short ones before long ones. */
function rank({ text }: Suggestion, lower: string): number {
  return (text.startsWith(lower) ? 0 : 1000) + text.length;
}
