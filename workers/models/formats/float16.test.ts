import { expect, test } from "vitest";
import { fromHalf, toHalf } from "./float16.ts";

test("every half-precision number comes back bit for bit", () => {
  const all = Uint16Array.from({ length: 0x10000 }, (_, i) => i).filter((half) => (half & 0x7fff) <= 0x7c00);
  expect(toHalf(fromHalf(all))).toEqual(all);
});

test.each([
  [1, 0x3c00],
  [-2, 0xc000],
  [65504, 0x7bff],
  [65520, 0x7c00], // halfway to the next one, which is infinity
  [65519.99, 0x7bff],
  [1e9, 0x7c00],
  [Number.NEGATIVE_INFINITY, 0xfc00],
  [2 ** -24, 0x0001],
  [2 ** -25, 0x0000], // a tie goes to the even one
  [1.5 * 2 ** -24, 0x0002],
  [1 + 2 ** -11, 0x3c00],
  [1 + 3 * 2 ** -11, 0x3c02],
  [0.1, 0x2e66],
])("%d is %d (IEEE 754-2019, binary16, ties to even)", (value, half) => {
  expect(toHalf([value])[0]).toBe(half);
});

test("no number stays none", () => {
  expect(fromHalf(toHalf([Number.NaN]))[0]).toBeNaN();
});
