import { expect, test } from "vitest";
import { enlarge, enlargePicture } from "./enlarge.ts";

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

test("pictures are enlarged as Pillow's Lanczos filter does, within the range of a picture", () => {
  const grey = [0, 100, 30, 255, 60, 200, 10, 90, 128, 40, 220, 5];
  const rgba = Uint8ClampedArray.from(grey.flatMap((value) => [value, value, 255 - value, 255]));
  // numpy.asarray(Image.fromarray(numpy.float32(grey).reshape(3, 4)).resize((7, 5), Image.Resampling.LANCZOS))
  const wanted = [
    [-15.919, 28.158, 83.061, 41.096, 50.876, 197.443, 298.086],
    [-7.987, 67.007, 149.041, 65.425, 7.567, 135.228, 238.378],
    [37.411, 116.938, 199.586, 113.571, 5.815, 49.948, 105.708],
    [114.425, 103.889, 99.887, 143.598, 142.388, 58.812, -0.827],
    [154.152, 79.401, 14.77, 149.704, 238.188, 91.275, -34.252],
  ].flat();
  const { width, height, rgba: out } = enlargePicture({ width: 4, height: 3, rgba }, { width: 7, height: 5 });
  expect([width, height]).toEqual([7, 5]);
  const pixels = wanted.flatMap((value) => [value, value, 255 - value, 255]);
  expect(out).toEqual(Uint8ClampedArray.from(pixels));
});
