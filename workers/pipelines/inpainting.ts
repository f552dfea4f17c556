/**
 * Inpainting: what lies under the mask is made anew. Backbones trained for it see the mask and the masked picture behind the
 * latents (Rombach et al. 2022, section 4.5); with all others what lies outside the mask is put back after every step, noised
 * to the level that the step reached (Lugmayr et al. 2022, eq. 8).
 */
import type { Latents, NoiseLevel } from "../diffusion/types.ts";
import type { Picture } from "../protocol.ts";
import { composite, featherMask } from "./feather.ts";
import { matchEdge } from "./match-edge.ts";
import { encodePixels, firstStep, noisedAt, toPixels } from "./picture-latents.ts";
import { type Drawn, denoiseAndDecode, type Job, plan } from "./run.ts";

/**
 * With a feather the result is put into the picture that it came from: outside of the feathered mask that stays, pixel for pixel.
 * @param mask white is made anew, black is kept; of the picture's size
 */
export async function inpaint(job: Job, image: NonNullable<Job["request"]["image"]>, mask: Picture): Promise<Drawn> {
  const { maskFeather } = job.request.settings;
  const hard = toMask(mask);
  if (maskFeather === undefined) return fillMask(job, image, hard);
  const share = featherMask(hard, mask.width, mask.height, maskFeather);
  const result = await fillMask(job, image, touched(share, mask, job.model.vae.scaleFactor));
  const correction = matchEdge(result.picture, image.picture, share, maskFeather);
  return { ...result, picture: composite(result.picture, image.picture, share, correction) };
}

async function fillMask(
  job: Job,
  { picture, strength }: NonNullable<Job["request"]["image"]>,
  whole: Uint8Array,
): Promise<Drawn> {
  const planned = plan(job);
  const { sampler, levels, config, dims } = planned;
  const { backbone, vae } = job.model;
  const index = firstStep(job, planned, strength);
  const seesMask = backbone.inputChannels > vae.latentChannels;
  const pixels = toPixels(picture);

  // The order of the draws is diffusers': the picture where it is needed, the noise, the masked picture.
  const clean = !seesMask || strength < 1 ? await encodePixels(job, planned, pixels) : undefined;
  const noise = planned.noise();
  const latents =
    clean && strength < 1 ? noisedAt(clean, noise, planned, index) : sampler.initial(noise, levels, config);
  const covered = pixels.data.map((value, i) => (whole[i % whole.length] ? 0 : value));
  const masked = await encodePixels(job, planned, { data: covered, dims: pixels.dims });

  const small = shrink(whole, picture.width, vae.scaleFactor, dims);
  if (seesMask) {
    const data = new Float32Array(small.length + masked.data.length);
    data.set(small);
    data.set(masked.data, small.length);
    return denoiseAndDecode(job, planned, {
      latents,
      index,
      extra: { data, dims: [1, 1 + dims[1], dims[2], dims[3]] },
    });
  }
  const constrain = (x: Latents, level: NoiseLevel): Latents => {
    if (!clean) return x;
    const data = x.data.map((value, i) =>
      small[i % small.length] ? value : level.alpha * clean.data[i] + level.sigma * noise.data[i],
    );
    return { data, dims: x.dims };
  };
  return denoiseAndDecode(job, planned, { latents, index, constrain });
}

/** 1 where a pixel is light, 0 where it is dark: grey as PIL counts it (ITU-R 601-2), halved in the middle. */
function toMask({ width, height, rgba }: Picture): Uint8Array {
  return Uint8Array.from({ length: width * height }, (_, i) => {
    const [red, green, blue] = rgba.subarray(i * 4, i * 4 + 3);
    const grey = (red * 19595 + green * 38470 + blue * 7471 + 0x8000) >> 16;
    return grey / 255 >= 0.5 ? 1 : 0;
  });
}

/** The mask at the latents' size: of each latent pixel's pixels the first. */
function shrink(mask: Uint8Array, width: number, factor: number, [, , rows, columns]: Latents["dims"]): Uint8Array {
  return Uint8Array.from({ length: rows * columns }, (_, i) => {
    const [row, column] = [Math.floor(i / columns), i % columns];
    return mask[row * factor * width + column * factor];
  });
}

/** All of each latent pixel's square of which any pixel shows something new: the latents know nothing smaller. */
function touched(share: Float32Array, { width, height }: Picture, factor: number): Uint8Array {
  const columns = width / factor;
  const cells = new Uint8Array((columns * height) / factor);
  const cellOf = (i: number) => Math.floor(Math.floor(i / width) / factor) * columns + Math.floor((i % width) / factor);
  for (let i = 0; i < share.length; i++) if (share[i] > 0) cells[cellOf(i)] = 1;
  return Uint8Array.from(share, (_, i) => cells[cellOf(i)]);
}
