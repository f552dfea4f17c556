/** A linear map latent -> RGB for models whose family has none published: least squares on the decode of a few random latents. */
import { normalTensor, torchGenerator } from "../diffusion/random.ts";
import type { VaeDecoder } from "../models/parts/vae.ts";
import type { Preview } from "../protocol.ts";
import { solve } from "../tensor/linear-system.ts";

type Linear = Extract<Preview, { kind: "linear" }>;

const SIDE = 16;

/** @param multiple the latents' height and width are multiples of this */
export async function fitPreview(vae: VaeDecoder, multiple: number): Promise<Pick<Linear, "factors" | "bias">> {
  const side = Math.ceil(SIDE / multiple) * multiple;
  const { latentChannels: channels, scaleFactor } = vae;
  const latents = normalTensor(torchGenerator(0), [1, channels, side, side]);
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
  const rows = solve(left, right).map(([red, green, blue]): [number, number, number] => [red, green, blue]);
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
