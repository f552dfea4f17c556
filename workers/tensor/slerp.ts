import { sizeOf, type Tensor } from "./tensor.ts";

/** Above this mean cosine two draws are one, and the angle between them is not divided by. */
const PARALLEL = 1 - 5e-4;

/**
 * Spherical interpolation between two draws of noise (Shoemake 1985), as AUTOMATIC1111 does for variation seeds: each
 * column of the last two axes is a vector of its own, turned from `low` (share 0) to `high` (share 1).
 * @param share 0 to 1
 */
export function slerp(share: number, low: Tensor, high: Tensor): Tensor {
  const [rows, columns] = low.dims.slice(-2);
  const vectors = sizeOf(low.dims.slice(0, -2)) * columns;
  const indexOf = (vector: number, row: number) =>
    (Math.floor(vector / columns) * rows + row) * columns + (vector % columns);
  const cosines = new Float64Array(vectors);
  for (let vector = 0; vector < vectors; vector++) {
    let [dot, a, b] = [0, 0, 0];
    for (let row = 0; row < rows; row++) {
      const at = indexOf(vector, row);
      dot += low.data[at] * high.data[at];
      a += low.data[at] ** 2;
      b += high.data[at] ** 2;
    }
    cosines[vector] = Math.min(1, Math.max(-1, dot / Math.sqrt(a * b)));
  }
  const straight = cosines.reduce((sum, cosine) => sum + cosine, 0) / vectors > PARALLEL;
  const data = new Float32Array(low.data.length);
  for (let vector = 0; vector < vectors; vector++) {
    const angle = Math.acos(cosines[vector]);
    const sine = Math.sin(angle);
    const line = straight || sine === 0;
    const fromLow = line ? 1 - share : Math.sin((1 - share) * angle) / sine;
    const fromHigh = line ? share : Math.sin(share * angle) / sine;
    for (let row = 0; row < rows; row++) {
      const at = indexOf(vector, row);
      data[at] = fromLow * low.data[at] + fromHigh * high.data[at];
    }
  }
  return { data, dims: low.dims };
}
