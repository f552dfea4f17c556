import { expect, test } from "vitest";
import { enlarge } from "./resize.ts";

test("a tensor is enlarged as torch's bilinear interpolation does", () => {
  // torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 4.]]]]), (4, 4), mode="bilinear", antialias=False)
  const wanted = [0, 0.25, 0.75, 1, 0.5, 0.8125, 1.4375, 1.75, 1.5, 1.9375, 2.8125, 3.25, 2, 2.5, 3.5, 4];
  const { data, dims } = enlarge({ data: Float32Array.of(0, 1, 2, 4), dims: [1, 1, 2, 2] }, 4, 4);
  expect(dims).toEqual([1, 1, 4, 4]);
  expect([...data]).toEqual(wanted);
});

test("at its own size it stays as it is, each plane by itself, whatever its rank", () => {
  const frames = { data: Float32Array.from({ length: 48 }, (_, i) => Math.sin(i)), dims: [1, 2, 2, 3, 4] };
  expect(enlarge(frames, 3, 4)).toEqual(frames);
});
