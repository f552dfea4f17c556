import { expect, test } from "vitest";
import { clamp, combine, mapChannels, mapRows, select } from "./arithmetic.ts";
import { drawGaussian } from "./gaussian.ts";
import { join, slice } from "./join.ts";
import { solve } from "./linear-system.ts";
import { absoluteQuantiles, allFinite, deviations } from "./statistics.ts";
import { reshape, sameShape, type Tensor, zeros } from "./tensor.ts";

const counting = (...dims: number[]): Tensor => {
  const { data } = zeros(...dims);
  return { data: data.map((_, i) => i), dims };
};

test("joining along any axis and slicing it again gives the parts back", () => {
  const parts = [counting(2, 3, 4), counting(2, 3, 4)];
  for (const axis of [0, 1, 2]) {
    const whole = join(axis, ...parts);
    const side = parts[0].dims[axis];
    expect(whole.dims).toEqual(parts[0].dims.with(axis, 2 * side));
    for (const [i, part] of parts.entries()) expect(slice(whole, axis, i * side, (i + 1) * side)).toEqual(part);
  }
  // np.concatenate([np.arange(4).reshape(2, 2), np.arange(2).reshape(2, 1)], axis=-1)
  expect([...join(-1, counting(2, 2), counting(2, 1)).data]).toEqual([0, 1, 0, 2, 3, 1]);
  expect(() => join(0, counting(1, 2), counting(1, 3))).toThrow("1 x 2 and 1 x 3");
});

test("a tensor is read under another shape only if that holds as many numbers", () => {
  expect(reshape(counting(2, 3), [3, 2]).dims).toEqual([3, 2]);
  expect(() => reshape(counting(2, 3), [2, 2])).toThrow("2 x 3 cannot be read as 2 x 2");
  expect(sameShape([1, 2], [1, 2]) && !sameShape([1, 2], [2, 1]) && !sameShape([1], [1, 1])).toBe(true);
});

test("arithmetic", () => {
  expect([
    ...combine([2, counting(3)], [-1, counting(3)], [0, { data: Float32Array.of(Number.NaN, 0, 0), dims: [3] }]).data,
  ]).toEqual([0, 1, 2]);
  expect([...clamp(counting(4), 2).data]).toEqual([0, 1, 2, 2]);
  expect([...mapRows(counting(2, 2), (value, row) => value * row).data]).toEqual([0, 0, 2, 3]);
  expect([...mapChannels(counting(2, 2, 2), (value, channel) => value * channel).data]).toEqual([
    0, 0, 2, 3, 0, 0, 6, 7,
  ]);
  expect([...select(Uint8Array.of(1, 0), counting(2, 2), zeros(2, 2)).data]).toEqual([0, 0, 2, 0]);
});

test("statistics of each row", () => {
  // torch.tensor([[0., 1, 2], [3, 5, 9]]).std(1)
  const rows: Tensor = { data: Float32Array.of(0, 1, 2, 3, 5, 9), dims: [2, 3] };
  expect(deviations(rows)[0]).toBeCloseTo(1, 12);
  expect(deviations(rows)[1]).toBeCloseTo(3.0550504633, 9);
  expect(absoluteQuantiles({ data: Float32Array.of(-4, 1, 2), dims: [1, 3] }, 0.75)).toEqual([3]);
  expect([allFinite(rows), allFinite({ data: Float32Array.of(1 / 0), dims: [1] })]).toEqual([true, false]);
});

test("a draw from a Gaussian: mean + exp(log-variance / 2) * noise, the log-variance kept in -30..20", () => {
  const parameters: Tensor = { data: Float32Array.of(1, 2, 0, 2 * Math.log(3)), dims: [1, 4, 1, 1] };
  const { data, dims } = drawGaussian(parameters, Float32Array.of(10, -1));
  expect(dims).toEqual([1, 2, 1, 1]);
  expect(data[0]).toBe(11);
  expect(data[1]).toBeCloseTo(-1, 6);
});

test("a linear system with a zero pivot, two right-hand sides", () => {
  expect(
    solve(
      [
        [0, 2],
        [4, 1],
      ],
      [
        [2, 4],
        [9, 6],
      ],
    ),
  ).toEqual([
    [2, 1],
    [1, 2],
  ]);
});
