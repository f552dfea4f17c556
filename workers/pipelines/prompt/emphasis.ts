/**
 * Weights in a prompt, with AUTOMATIC1111's semantics (its wiki: "Attention/emphasis"): `(text)` is 1.1 times, `(text:1.3)` 1.3 times
 * and `[text]` 1 / 1.1 times as strong, nested brackets multiply, `\(` is a bracket to be read, BREAK begins a new chunk.
 */

export interface Part {
  readonly text: string;
  readonly weight: number;
}

/** Parts that are read one after the other; BREAK lies between two sections. */
export type Section = readonly Part[];

const ROUND = 1.1;
const SQUARE = 1 / 1.1;

const TOKENS = /\\[\\()[\]]|\\|[([]|:\s*([+-]?(?:\d+\.?\d*|\.\d+))\s*\)|[)\]]|[^\\()[\]:]+|:/gu;
const BREAK = /\s*\bBREAK\b\s*/u;

/** @returns at least one section with at least one part; brackets without their partner weigh to the end, or are text */
export function parseEmphasis(prompt: string): Section[] {
  const sections: Part[][] = [];
  for (const { text, weight } of weighted(prompt)) {
    if (text === null || sections.length === 0) sections.push([]);
    const section = sections[sections.length - 1];
    const last = section.at(-1);
    if (text !== null && last?.weight === weight) section[section.length - 1] = { text: last.text + text, weight };
    else if (text !== null) section.push({ text, weight });
  }
  return sections.map((section) => (section.length > 0 ? section : [{ text: "", weight: 1 }]));
}

interface Piece {
  /** null is BREAK */
  readonly text: string | null;
  weight: number;
}

function weighted(prompt: string): Piece[] {
  const pieces: Piece[] = [];
  /** indices of the first piece within each open bracket */
  const round: number[] = [];
  const square: number[] = [];
  const multiply = (from: number, factor: number) => {
    for (let i = from; i < pieces.length; i++) pieces[i].weight *= factor;
  };
  for (const [token, number] of prompt.matchAll(TOKENS)) {
    if (token.startsWith("\\")) pieces.push({ text: token.slice(1), weight: 1 });
    else if (token === "(") round.push(pieces.length);
    else if (token === "[") square.push(pieces.length);
    else if (number !== undefined && round.length > 0) multiply(round.pop() as number, Number(number));
    else if (token === ")" && round.length > 0) multiply(round.pop() as number, ROUND);
    else if (token === "]" && square.length > 0) multiply(square.pop() as number, SQUARE);
    else {
      for (const [i, text] of token.split(BREAK).entries()) {
        if (i > 0) pieces.push({ text: null, weight: 1 });
        pieces.push({ text, weight: 1 });
      }
    }
  }
  for (const from of round) multiply(from, ROUND);
  for (const from of square) multiply(from, SQUARE);
  return pieces.length > 0 ? pieces : [{ text: "", weight: 1 }];
}
