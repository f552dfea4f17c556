/** A mask as pixels and as latent cells: 1 is regenerated, 0 is kept. */
import type { Picture } from "../protocol.ts";

/** 1 where a pixel is light, 0 where it is dark: grey as PIL counts it (ITU-R 601-2), halved in the middle. */
export function toMask({ width, height, rgba }: Picture): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [red, green, blue] = rgba.subarray(i * 4, i * 4 + 3);
    const grey = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    return grey / 255 >= 0.5 ? 1 : 0;
  });
}

/** The mask at the latents' size: of each latent cell's pixels the first, as torch's nearest interpolation takes it. */
export function cellMask(mask: Uint8Array, width: number, factor: number): Uint8Array {
  const columns = width / factor;
  const rows = mask.length / width / factor;
  return Uint8Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return mask[row * factor * width + column * factor];
  });
}

/** All pixels of each latent cell of which any pixel shows something new: the latents know nothing smaller. */
export function touchedCells(share: Float32Array, { width, height }: Picture, factor: number): Uint8Array {
  const columns = width / factor;
  const cells = new Uint8Array((columns * height) / factor);
  const cellOf = (i: number) => Math.floor(Math.floor(i / width) / factor) * columns + Math.floor((i % width) / factor);
  for (let i = 0; i < share.length; i++) if (share[i] > 0) cells[cellOf(i)] = 1;
  return Uint8Array.from(share, (_, i) => cells[cellOf(i)]);
}
