import type { Tensor } from "./tensor.ts";

export function allFinite({ data }: Tensor): boolean {
  return data.every(Number.isFinite);
}

/** Of each row of the first axis the standard deviation with Bessel's correction, as torch.std. */
export function deviations(tensor: Tensor): number[] {
  return rows(tensor).map((row) => {
    let sum = 0;
    for (const value of row) sum += value;
    const mean = sum / row.length;
    let squares = 0;
    for (const value of row) squares += (value - mean) ** 2;
    return Math.sqrt(squares / (row.length - 1));
  });
}

/** Of each row of the first axis the quantile of the absolute values, interpolated as torch.quantile does. */
export function absoluteQuantiles(tensor: Tensor, ratio: number): number[] {
  return rows(tensor).map((row) => {
    const sorted = row.map(Math.abs).sort();
    const rank = Math.fround(ratio * (row.length - 1));
    const low = Math.floor(rank);
    const high = Math.min(low + 1, row.length - 1);
    return sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
  });
}

function rows({ data, dims }: Tensor): Float32Array[] {
  const size = data.length / dims[0];
  return Array.from({ length: dims[0] }, (_, row) => data.subarray(row * size, (row + 1) * size));
}
