import { expect, test } from "vitest";
import { enlargePicture } from "./enlarge-picture.ts";

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
