/** What the families share in making conditions of text. */

import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import type { TextEncoder } from "../../models/parts/text-encoder.ts";
import type { Tensor } from "../../tensor/tensor.ts";

/** @throws EngineError ModelUnsupported when the model has no such encoder */
export function encoderOf(model: Model, index: number): TextEncoder {
  const encoder = model.textEncoders[index];
  if (encoder) return encoder;
  const part = index === 0 ? "text_encoder" : `text_encoder_${index + 1}`;
  throw new EngineError("ModelUnsupported", `The model has no ${part}, which its family needs; get the whole folder.`);
}

/** Joins tensors on their last axis; all others must agree. */
export function joinChannels(...tensors: readonly Tensor[]): Tensor {
  const widths = tensors.map(({ dims }) => dims[dims.length - 1]);
  const width = widths.reduce((sum, one) => sum + one, 0);
  const rows = tensors[0].data.length / widths[0];
  const data = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    let at = row * width;
    for (const [i, tensor] of tensors.entries()) {
      data.set(tensor.data.subarray(row * widths[i], (row + 1) * widths[i]), at);
      at += widths[i];
    }
  }
  return { data, dims: [...tensors[0].dims.slice(0, -1), width] };
}

export function zeros(...dims: number[]): Tensor {
  return { data: new Float32Array(dims.reduce((product, size) => product * size, 1)), dims };
}
