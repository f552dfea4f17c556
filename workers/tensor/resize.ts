import { sizeOf, type Tensor } from "./tensor.ts";

/**
 * Bilinear along the last two axes, each entry a square whose value is at its middle (torch's interpolate with align_corners=False, no
 * antialiasing).
 */
export function enlarge({ data, dims }: Tensor, rows: number, columns: number): Tensor {
  const leading = dims.slice(0, -2);
  const [fromRows, fromColumns] = dims.slice(-2);
  const down = taps(fromRows, rows);
  const across = taps(fromColumns, columns);
  const shape = [...leading, rows, columns];
  const out = new Float32Array(sizeOf(shape));
  for (let plane = 0; plane < sizeOf(leading); plane++) {
    const from = plane * fromRows * fromColumns;
    for (let y = 0; y < rows; y++) {
      const { low: top, high: bottom, share: v } = down[y];
      for (let x = 0; x < columns; x++) {
        const { low: left, high: right, share: u } = across[x];
        const upper = data[from + top * fromColumns + left] * (1 - u) + data[from + top * fromColumns + right] * u;
        const lower =
          data[from + bottom * fromColumns + left] * (1 - u) + data[from + bottom * fromColumns + right] * u;
        out[(plane * rows + y) * columns + x] = upper * (1 - v) + lower * v;
      }
    }
  }
  return { data: out, dims: shape };
}

/** Between which two entries each new one lies, and how far from the lower one. */
function taps(length: number, longer: number) {
  return Array.from({ length: longer }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * length) / longer - 0.5);
    const low = Math.min(Math.floor(at), length - 1);
    return { low, high: Math.min(low + 1, length - 1), share: at - low };
  });
}
