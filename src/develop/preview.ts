/** The cheap preview: latents -> sRGB pixels by the model's linear map, one pixel per latent pixel. */
import type { ModelInfo, Tensor } from "../../workers/protocol";

/**
 * `rgb = factors^T latent + bias`, -1..1 to 0..255.
 *
 * @param latents [1, C, h, w], as the U-Net sees them
 * @param map `factors` has C rows
 * @returns h * w pixels, RGBA, alpha 255
 * @throws RangeError where the map does not fit the latents
 */
export function latentsToPixels(
  { data, dims: [, channels, height, width] }: Tensor,
  { factors, bias }: ModelInfo["preview"],
): Uint8ClampedArray<ArrayBuffer> {
  if (factors.length !== channels)
    throw new RangeError(`The preview map has ${factors.length} rows for ${channels} latent channels.`);
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

export function latentsToImageData(latents: Tensor, map: ModelInfo["preview"]): ImageData {
  return new ImageData(latentsToPixels(latents, map), latents.dims[3], latents.dims[2]);
}
