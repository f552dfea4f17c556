/** One text encoder's answer to a prompt with weights, in as many chunks as it takes. */

import { EngineError } from "../../errors.ts";
import type { TextEncoder, TextOutput } from "../../models/parts/text-encoder.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { type Chunk, emptyChunk, toChunks, toSingleChunk } from "./chunks.ts";
import { parseEmphasis } from "./emphasis.ts";

/** What is read at a step. */
export interface StepText {
  /** undefined where no negative prompt was given */
  readonly text: string | undefined;
  /** whether guidance leads away from it */
  readonly isNegative?: boolean;
  /** brackets are text like any other, and what lies beyond the window is cut, as in diffusers */
  readonly literal: boolean;
  /** as many at least: both branches of guidance have the same number */
  readonly chunks: number;
}

/** Reads all of it, chunk after chunk. `pooled` is the first chunk's. */
export async function encodeText<K extends TextOutput>(
  encoder: TextEncoder,
  { text = "", literal, chunks: wanted }: StepText,
  outputs: readonly K[],
  window = encoder.tokenizer.window,
): Promise<Record<K, Tensor>> {
  const { tokenizer } = encoder;
  if (literal) return encoder.encode(tokenizer.ids(text, window), outputs);
  const chunks = toChunks(parseEmphasis(text), tokenizer, window);
  while (chunks.length < wanted) chunks.push(emptyChunk(tokenizer, window));
  const read: Record<K, Tensor>[] = [];
  for (const chunk of chunks) read.push(await encodeChunk(encoder, chunk, outputs));
  const joined = outputs.map((output) => {
    const states = read.map((one) => one[output]);
    return [output, output === "pooled" ? states[0] : joinTokens(states)];
  });
  return Object.fromEntries(joined);
}

/** Reads what one row of so many tokens holds: for encoders that know no chunks. */
export function encodeInOneChunk<K extends TextOutput>(
  encoder: TextEncoder,
  { text = "", literal }: StepText,
  outputs: readonly K[],
  window: number,
): Promise<Record<K, Tensor>> {
  const { tokenizer } = encoder;
  if (literal) return encoder.encode(tokenizer.ids(text, window), outputs);
  return encodeChunk(encoder, toSingleChunk(parseEmphasis(text), tokenizer, window), outputs);
}

async function encodeChunk<K extends TextOutput>(
  encoder: TextEncoder,
  { ids, weights }: Chunk,
  outputs: readonly K[],
): Promise<Record<K, Tensor>> {
  const states = await encoder.encode(ids, outputs);
  if (weights.every((weight) => weight === 1)) return states;
  const weighted = outputs.map((output) => [
    output,
    output === "pooled" ? states[output] : weigh(states[output], weights),
  ]);
  return Object.fromEntries(weighted);
}

/**
 * AUTOMATIC1111's "Original" emphasis: each token's state times its weight, then all of them times what brings their mean back.
 * @param states [1, tokens, width]
 * @throws EngineError InvalidSetting where the weights leave nothing to work with
 */
export function weigh(states: Tensor, weights: readonly number[]): Tensor {
  const width = states.data.length / weights.length;
  const data = states.data.map((value, i) => value * weights[Math.floor(i / width)]);
  const factor = mean(states.data) / mean(data);
  if (!Number.isFinite(factor) || !weights.every(Number.isFinite)) {
    throw new EngineError(
      "InvalidSetting",
      "The weights in the prompt are too large, or cancel out; change one of them.",
    );
  }
  return { data: data.map((value) => value * factor), dims: states.dims };
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** [1, a, width] and [1, b, width] -> [1, a + b, width] */
function joinTokens(states: readonly Tensor[]): Tensor {
  if (states.length === 1) return states[0];
  const tokens = states.reduce((sum, { dims }) => sum + dims[1], 0);
  const width = states[0].dims[2];
  const data = new Float32Array(tokens * width);
  let at = 0;
  for (const one of states) {
    data.set(one.data, at);
    at += one.data.length;
  }
  return { data, dims: [1, tokens, width] };
}
