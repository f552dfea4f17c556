import { expect, test } from "vitest";
import { enlarge } from "./high-resolution.ts";

test("latents are enlarged as torch's bilinear interpolation does", () => {
  // torch.nn.functional.interpolate(torch.tensor([[[[0., 1.], [2., 4.]]]]), (4, 4), mode="bilinear", antialias=False)
  const wanted = [0, 0.25, 0.75, 1, 0.5, 0.8125, 1.4375, 1.75, 1.5, 1.9375, 2.8125, 3.25, 2, 2.5, 3.5, 4];
  const { data, dims } = enlarge({ data: Float32Array.of(0, 1, 2, 4), dims: [1, 1, 2, 2] }, [1, 1, 4, 4]);
  expect(dims).toEqual([1, 1, 4, 4]);
  expect([...data]).toEqual(wanted);
});

test("to their own size they stay as they are, each channel by itself", () => {
  const latents = { data: Float32Array.from({ length: 24 }, (_, i) => Math.sin(i)), dims: [1, 2, 3, 4] as const };
  expect(enlarge(latents, latents.dims).data).toEqual(latents.data);
});
