/** The cheap preview: a stage's tensor -> sRGB pixels, without a network. */
import type { Preview, Tensor } from "../../workers/protocol";

/**
 * Latents by `rgb = factors^T latent + bias`, one pixel a latent pixel; pixels as they are. -1..1 becomes 0..255.
 *
 * @param tensor [1, C, h, w], as the network sees it
 * @returns h * w pixels, RGBA, alpha 255
 * @throws RangeError where the preview does not fit the tensor
 */
export function previewPixels(
  { data, dims: [, channels, height, width] }: Tensor,
  preview: Preview,
): Uint8ClampedArray<ArrayBuffer> {
  const { factors, bias } = preview.kind === "linear" ? preview : IDENTITY;
  if (factors.length !== channels)
    throw new RangeError(`The preview is for ${factors.length} channels, and the tensor has ${channels}.`);
  const area = height * width;
  const pixels = new Uint8ClampedArray(area * 4);
  for (let i = 0; i < area; i++) {
    for (let rgb = 0; rgb < 3; rgb++) {
      let value = bias[rgb];
      for (let c = 0; c < channels; c++) value += factors[c][rgb] * data[c * area + i];
      pixels[i * 4 + rgb] = (value + 1) * 127.5; // clamped and rounded by the array
    }
    pixels[i * 4 + 3] = 255;
  }
  return pixels;
}

const IDENTITY = {
  factors: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  bias: [0, 0, 0],
};

export function previewImage(tensor: Tensor, preview: Preview): ImageData {
  return new ImageData(previewPixels(tensor, preview), tensor.dims[3], tensor.dims[2]);
}
