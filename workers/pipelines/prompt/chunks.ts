/**
 * A prompt as rows of token ids, each as long as the text encoder's window. What does not fit into one row goes on in the next, as in
 * AUTOMATIC1111: no row is cut in the middle of a phrase where a comma is near.
 */
import { EngineError } from "../../errors.ts";
import type { Tokenizer } from "../../models/parts/tokenizer.ts";
import type { Section } from "./emphasis.ts";

/** What the text encoder reads at once: begin token, text, end token, padding. */
export interface Chunk {
  readonly ids: readonly number[];
  /** one for each id; 1 for what is not text */
  readonly weights: readonly number[];
}

/** So many tokens behind a comma go to the next chunk rather than be parted: AUTOMATIC1111's default. */
const COMMA_BACKTRACK = 20;

/** @param window the length of a chunk. @returns at least one chunk */
export function toChunks(sections: readonly Section[], tokenizer: Tokenizer, window = tokenizer.window): Chunk[] {
  return contents(sections, tokenizer, window).map((content) => framed(content, tokenizer, window));
}

/** One chunk that is cut where it is full, and knows no BREAK: for encoders whose window is no habit of their training, such as T5. */
export function toSingleChunk(sections: readonly Section[], tokenizer: Tokenizer, window: number): Chunk {
  const room = roomOf(tokenizer, window);
  return framed(tokensOf(sections.flat(), tokenizer).slice(0, room), tokenizer, window);
}

export function emptyChunk(tokenizer: Tokenizer, window = tokenizer.window): Chunk {
  return framed([], tokenizer, window);
}

/** Tokens used, begin and end tokens included; all chunks but the last count as full. */
export function countTokens(sections: readonly Section[], tokenizer: Tokenizer): { tokens: number; chunks: number } {
  const { window } = tokenizer;
  const all = contents(sections, tokenizer, window);
  const last = all[all.length - 1].length + window - roomOf(tokenizer, window);
  return { tokens: (all.length - 1) * window + last, chunks: all.length };
}

interface Token {
  readonly id: number;
  readonly weight: number;
}

function contents(sections: readonly Section[], tokenizer: Tokenizer, window: number): Token[][] {
  const room = roomOf(tokenizer, window);
  const chunks: Token[][] = [];
  for (const [i, section] of sections.entries()) {
    let chunk: Token[] = [];
    let comma = -1; // its index in the chunk
    for (const token of tokensOf(section, tokenizer)) {
      if (token.id === tokenizer.comma) {
        comma = chunk.length;
      } else if (chunk.length === room && comma !== -1 && chunk.length - comma <= COMMA_BACKTRACK) {
        const moved = chunk.splice(comma + 1);
        chunks.push(chunk);
        chunk = moved;
        comma = -1;
      }
      if (chunk.length === room) {
        chunks.push(chunk);
        chunk = [];
        comma = -1;
      }
      chunk.push(token);
    }
    const last = i === sections.length - 1;
    if (chunk.length > 0 || !last || chunks.length === 0) chunks.push(chunk);
  }
  return chunks;
}

function tokensOf(section: Section, tokenizer: Tokenizer): Token[] {
  return section.flatMap(({ text, weight }) => tokenizer.content(text).map((id) => ({ id, weight })));
}

function framed(content: readonly Token[], { begin, end, pad }: Tokenizer, window: number): Chunk {
  const padding = window - begin.length - content.length - 1;
  return {
    ids: [...begin, ...content.map(({ id }) => id), end, ...new Array<number>(padding).fill(pad)],
    weights: [...begin.map(() => 1), ...content.map(({ weight }) => weight), 1, ...new Array<number>(padding).fill(1)],
  };
}

function roomOf({ begin }: Tokenizer, window: number): number {
  const room = window - begin.length - 1;
  if (room >= 1) return room;
  throw new EngineError(
    "ModelUnsupported",
    `The text encoder's window of ${window} tokens has no room for text; get the whole folder and load again.`,
  );
}
