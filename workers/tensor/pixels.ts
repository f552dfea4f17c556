import type { Tensor } from "./tensor.ts";

/** sRGB, 8 bits, `width * height * 4` bytes, alpha 255. */
export interface Picture {
  width: number;
  height: number;
  rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** 8 bits -> RGB in -1..1, [1, 3, height, width]; alpha is ignored, as in diffusers. */
export function toPixels({ width, height, rgba }: Picture): Tensor {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) data[channel * plane + i] = (2 * rgba[i * 4 + channel]) / 255 - 1;
  }
  return { data, dims: [1, 3, height, width] };
}

/** RGB in -1..1, [1, 3, height, width] -> 8 bits, as diffusers' VaeImageProcessor rounds. */
export function toPicture({ data, dims }: Tensor): Picture {
  const [, , height, width] = dims;
  const plane = height * width;
  const rgba = new Uint8ClampedArray(plane * 4);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      rgba[i * 4 + channel] = Math.round((data[channel * plane + i] / 2 + 0.5) * 255);
    }
    rgba[i * 4 + 3] = 255;
  }
  return { width, height, rgba };
}
