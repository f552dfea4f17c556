import type { Picture } from "../protocol.ts";

/** Which entries each new one is a weighted sum of: from `first` on, the weights' sum being 1. */
interface Taps {
  readonly first: number;
  readonly weights: Float64Array;
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
