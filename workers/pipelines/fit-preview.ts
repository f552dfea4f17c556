/** A linear map latent -> RGB for models whose family has none published: least squares on the decode of a few random latents. */
import { normalLatents, torchGenerator } from "../diffusion/random.ts";
import type { VaeDecoder } from "../models/vae.ts";
import type { ModelInfo } from "../protocol.ts";

const SIDE = 16;

/** @param multiple the latents' height and width are multiples of this */
export async function fitPreview(vae: VaeDecoder, multiple: number): Promise<ModelInfo["preview"]> {
  const side = Math.ceil(SIDE / multiple) * multiple;
  const { latentChannels: channels, scaleFactor } = vae;
  const latents = normalLatents(torchGenerator(0), [1, channels, side, side]);
  const { rgba, width } = await vae.decode(latents);
  const plane = side * side;
  const size = channels + 1;
  // normal equations, the bias as one more channel that is 1 everywhere
  const left = Array.from({ length: size }, () => new Float64Array(size));
  const right = Array.from({ length: size }, () => new Float64Array(3));
  for (let i = 0; i < plane; i++) {
    const row = Array.from({ length: size }, (_, c) => (c < channels ? latents.data[c * plane + i] : 1));
    const colour = meanColour(rgba, width, (i % side) * scaleFactor, Math.floor(i / side) * scaleFactor, scaleFactor);
    for (let a = 0; a < size; a++) {
      for (let b = 0; b < size; b++) left[a][b] += row[a] * row[b];
      for (let c = 0; c < 3; c++) right[a][c] += row[a] * colour[c];
    }
  }
  solve(left, right);
  const rows = right.map(([red, green, blue]): [number, number, number] => [red, green, blue]);
  return { factors: rows.slice(0, channels), bias: rows[channels] };
}

/** RGB in -1..1 of a square of pixels. */
function meanColour(rgba: Uint8ClampedArray, width: number, left: number, top: number, side: number): number[] {
  const sum = [0, 0, 0];
  for (let y = top; y < top + side; y++) {
    for (let x = left; x < left + side; x++) for (let c = 0; c < 3; c++) sum[c] += rgba[(y * width + x) * 4 + c];
  }
  return sum.map((value) => (2 * value) / (255 * side * side) - 1);
}

/** Gauss and Jordan with pivots; `right` becomes the solution. */
function solve(left: Float64Array[], right: Float64Array[]): void {
  const size = left.length;
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++) if (Math.abs(left[i][k]) > Math.abs(left[pivot][k])) pivot = i;
    [left[k], left[pivot]] = [left[pivot], left[k]];
    [right[k], right[pivot]] = [right[pivot], right[k]];
    for (let i = 0; i < size; i++) {
      const factor = (i === k ? left[k][k] - 1 : left[i][k]) / left[k][k];
      for (let j = 0; j < size; j++) left[i][j] -= factor * left[k][j];
      for (let j = 0; j < 3; j++) right[i][j] -= factor * right[k][j];
    }
  }
}
