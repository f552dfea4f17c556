/** Pictures that a run starts from, on their way into the VAE. */
import { addNoise, flowStartIndex, startIndex } from "../diffusion/image-to-image.ts";
import { familyOf } from "../diffusion/samplers/registry.ts";
import type { Latents } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { FloatTensor } from "../models/network.ts";
import type { Picture } from "../protocol.ts";
import { type Job, orInvalid, type Plan } from "./run.ts";

/** 8 bits -> RGB in -1..1, [1, 3, height, width]; alpha is not heeded, as diffusers does. */
export function toPixels({ width, height, rgba }: Picture): FloatTensor {
  const plane = width * height;
  const data = new Float32Array(3 * plane);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) data[channel * plane + i] = (2 * rgba[i * 4 + channel]) / 255 - 1;
  }
  return { data, dims: [1, 3, height, width] };
}

/** One draw from what the VAE's encoder says of the pixels, as the backbone sees latents. */
export async function encodePixels(
  { model, onProgress }: Job,
  { dims, normal }: Plan,
  pixels: FloatTensor,
): Promise<Latents> {
  const encoder = await model.vaeEncoder(onProgress);
  return { data: await encoder.encode(pixels, normal), dims };
}

/**
 * The first step that a strength leaves to run.
 * @throws EngineError InvalidSetting when it leaves none
 */
export function firstStep(job: Job, { levels }: Plan, strength: number): number {
  const steps = levels.length - 1;
  const rule = familyOf(job.model.schedulerConfig) === "flow" ? flowStartIndex : startIndex;
  const index = orInvalid(() => rule(steps, strength));
  if (index < steps) return index;
  throw new EngineError(
    "InvalidSetting",
    `A strength of ${strength} leaves none of the ${steps} steps to run; choose a larger strength or more steps.`,
  );
}

/** The latents of a picture at the noise level of a step. */
export function noisedAt(latents: Latents, noise: Latents, { sampler, config, levels }: Plan, index: number): Latents {
  return addNoise(latents, noise, sampler.startLevel?.(index, levels, config) ?? levels[index]);
}
