/** What is too large for one run of a convolutional network, run in overlapping tiles whose seams are blended. */
import type { Tensor } from "./tensor.ts";

export interface Tiling {
  /** side of a tile, in cells */
  readonly tile: number;
  /** cells that neighbouring tiles share, at the least */
  readonly overlap: number;
  /** input pixels a cell along each side */
  readonly inputScale: number;
  /** output pixels a cell along each side */
  readonly outputScale: number;
}

/**
 * Where tiles begin along one side, evenly spread, the first at 0 and the last ending at `length`; all in cells.
 * One tile covers what is no longer than a tile.
 */
export function tileStarts(length: number, { tile, overlap }: Pick<Tiling, "tile" | "overlap">): number[] {
  if (length <= tile) return [0];
  const count = Math.ceil((length - overlap) / (tile - overlap));
  return Array.from({ length: count }, (_, i) => Math.round((i * (length - tile)) / (count - 1)));
}

/**
 * Runs `run` on each tile of `input` [1, channels, height, width] and puts the outputs together. Where tiles overlap, each counts
 * the more the farther its border is, falling linearly to the border. The network's memory is a tile's, whatever the input's size.
 */
export async function runTiled(input: Tensor, tiling: Tiling, run: (tile: Tensor) => Promise<Tensor>): Promise<Tensor> {
  const { inputScale, outputScale } = tiling;
  const [, channels, height, width] = input.dims;
  const [rows, columns] = [height / inputScale, width / inputScale];
  const [outHeight, outWidth] = [rows * outputScale, columns * outputScale];
  const plane = outHeight * outWidth;
  let sum: Float32Array | undefined;
  let outChannels = 0;
  const weights = new Float32Array(plane);
  for (const top of tileStarts(rows, tiling)) {
    for (const left of tileStarts(columns, tiling)) {
      const [tall, wide] = [Math.min(tiling.tile, rows), Math.min(tiling.tile, columns)];
      const part = cut(input, channels, top * inputScale, left * inputScale, tall * inputScale, wide * inputScale);
      const { data, dims } = await run(part);
      outChannels = dims[1];
      sum ??= new Float32Array(outChannels * plane);
      const down = ramp(top, tall, rows, tiling);
      const across = ramp(left, wide, columns, tiling);
      for (let y = 0; y < down.length; y++) {
        const at = (top * outputScale + y) * outWidth + left * outputScale;
        for (let x = 0; x < across.length; x++) {
          const weight = down[y] * across[x];
          weights[at + x] += weight;
          for (let c = 0; c < outChannels; c++) {
            sum[c * plane + at + x] += weight * data[(c * down.length + y) * across.length + x];
          }
        }
      }
    }
  }
  const blended = sum ?? new Float32Array(0);
  for (let i = 0; i < blended.length; i++) blended[i] /= weights[i % plane];
  return { data: blended, dims: [1, outChannels, outHeight, outWidth] };
}

/** A tile's weights along one side, in output pixels: 1 inside, falling towards the borders that have a neighbour. */
function ramp(start: number, length: number, whole: number, { overlap, outputScale }: Tiling): Float32Array {
  const reach = overlap * outputScale;
  const size = length * outputScale;
  return Float32Array.from({ length: size }, (_, i) => {
    const before = start > 0 ? (i + 0.5) / reach : 1;
    const after = start + length < whole ? (size - i - 0.5) / reach : 1;
    return Math.min(before, after, 1);
  });
}

function cut(
  { data, dims }: Tensor,
  channels: number,
  top: number,
  left: number,
  height: number,
  width: number,
): Tensor {
  const [, , tall, wide] = dims;
  const part = new Float32Array(channels * height * width);
  for (let c = 0; c < channels; c++) {
    for (let y = 0; y < height; y++) {
      const from = (c * tall + top + y) * wide + left;
      part.set(data.subarray(from, from + width), (c * height + y) * width);
    }
  }
  return { data: part, dims: [1, channels, height, width] };
}
