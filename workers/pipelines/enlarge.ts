/** What the second pass of a larger picture begins with: the first pass's latents, or its picture, at the larger size. */
import type { Latents } from "../diffusion/types.ts";
import type { Picture } from "../protocol.ts";

/** Which entries each new one is a weighted sum of: from `first` on, the weights' sum being 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
}

/** Bilinear, each latent pixel a square whose value is at its middle (torch's interpolate with align_corners=False, no antialiasing). */
export function enlarge({ data, dims: [batch, channels, rows, columns] }: Latents, to: Latents["dims"]): Latents {
  const [, , tall, wide] = to;
  const down = bilinear(rows, tall);
  const across = bilinear(columns, wide);
  const out = new Float32Array(batch * channels * tall * wide);
  for (let plane = 0; plane < batch * channels; plane++) {
    const from = plane * rows * columns;
    for (let y = 0; y < tall; y++) {
      const { low: top, high: bottom, share: v } = down[y];
      for (let x = 0; x < wide; x++) {
        const { low: left, high: right, share: u } = across[x];
        const upper = data[from + top * columns + left] * (1 - u) + data[from + top * columns + right] * u;
        const lower = data[from + bottom * columns + left] * (1 - u) + data[from + bottom * columns + right] * u;
        out[(plane * tall + y) * wide + x] = upper * (1 - v) + lower * v;
      }
    }
  }
  return { data: out, dims: to };
}

/** Between which two entries each new one lies, and how far from the lower one. */
function bilinear(length: number, longer: number) {
  return Array.from({ length: longer }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * length) / longer - 0.5);
    const low = Math.min(Math.floor(at), length - 1);
    return { low, high: Math.min(low + 1, length - 1), share: at - low };
  });
}

/** How many pixels of the smaller picture the kernel reaches to either side. */
const LOBES = 3;

/**
 * Lanczos (Duchon 1979) with three lobes, as Pillow enlarges pictures: across, then down; at the edges the kernel is cut and its
 * weights are brought to 1 again. The result is opaque.
 */
export function enlargePicture({ width, height, rgba }: Picture, to: { width: number; height: number }): Picture {
  const across = lanczos(width, to.width);
  const down = lanczos(height, to.height);
  const out = new Uint8ClampedArray(to.width * to.height * 4).fill(255);
  const wide = new Float32Array(to.width * height);
  for (let channel = 0; channel < 3; channel++) {
    for (let y = 0; y < height; y++) {
      for (let x = 0; x < to.width; x++) {
        const { first, weights } = across[x];
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * rgba[(y * width + first + k) * 4 + channel];
        wide[y * to.width + x] = sum;
      }
    }
    for (let y = 0; y < to.height; y++) {
      const { first, weights } = down[y];
      for (let x = 0; x < to.width; x++) {
        let sum = 0;
        for (let k = 0; k < weights.length; k++) sum += weights[k] * wide[(first + k) * to.width + x];
        out[(y * to.width + x) * 4 + channel] = sum; // rounded and, where the negative lobes overshoot, clamped
      }
    }
  }
  return { width: to.width, height: to.height, rgba: out };
}

function lanczos(length: number, longer: number): Taps[] {
  const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));
  return Array.from({ length: longer }, (_, i) => {
    const middle = ((i + 0.5) * length) / longer;
    const first = Math.max(0, Math.round(middle - LOBES));
    const end = Math.min(length, Math.round(middle + LOBES));
    const weights = Float64Array.from({ length: end - first }, (_, k) => {
      const x = first + k + 0.5 - middle;
      return Math.abs(x) < LOBES ? sinc(x) * sinc(x / LOBES) : 0;
    });
    const sum = weights.reduce((total, weight) => total + weight);
    return { first, weights: weights.map((weight) => weight / sum) };
  });
}
