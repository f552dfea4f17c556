import { expect, test } from "vitest";
import { normalTensor, torchGenerator } from "../diffusion/random.ts";
import { slerp } from "./slerp.ts";
import type { Tensor } from "./tensor.ts";

/** Two columns of two rows: (1, 0) and (0, 2) as columns. */
const low: Tensor = { dims: [1, 1, 2, 2], data: Float32Array.of(1, 0, 0, 2) };
const high: Tensor = { dims: [1, 1, 2, 2], data: Float32Array.of(0, 2, 1, 0) };

test.each([0, 0.1, 0.25, 0.5, 0.9, 1])("vectors at right angles are turned along the circle: share %f", (share) => {
  const angle = (share * Math.PI) / 2;
  const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
  const { data } = slerp(share, low, high);
  for (const [i, value] of [cos, 2 * sin, sin, 2 * cos].entries()) expect(data[i]).toBeCloseTo(value, 6);
});

test("at 60 degrees the middle is at 30", () => {
  const a: Tensor = { dims: [1, 1, 2, 1], data: Float32Array.of(1, 0) };
  const b: Tensor = { dims: [1, 1, 2, 1], data: Float32Array.of(0.5, Math.sqrt(3) / 2) };
  const { data } = slerp(0.5, a, b);
  expect(data[0]).toBeCloseTo(Math.cos(Math.PI / 6), 6);
  expect(data[1]).toBeCloseTo(Math.sin(Math.PI / 6), 6);
});

test("ends at the two draws, a draw with itself is itself, and what lies between has the variance of noise", () => {
  const dims = [1, 4, 64, 64] as const;
  const [a, b] = [3, 4].map((seed) => normalTensor(torchGenerator(seed), dims));
  expect(slerp(0, a, b).data).toEqual(a.data);
  expect(slerp(1, a, b).data).toEqual(b.data);
  const same = slerp(0.3, a, a).data;
  for (let i = 0; i < same.length; i++) expect(same[i]).toBeCloseTo(a.data[i], 5);
  const { data } = slerp(0.5, a, b);
  const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
  // a straight line would have 0.5
  expect(variance).toBeGreaterThan(0.95);
  expect(variance).toBeLessThan(1.05);
});
