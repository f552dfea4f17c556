/**
 * Text to image: noise is drawn from the seed, and the sampler takes it down the levels with the guided backbone as its denoiser
 * (Rombach et al. 2022).
 */
import type { GenerateResult } from "../protocol.ts";
import { denoiseAndDecode, type Job, plan } from "./run.ts";

export async function textToImage(job: Job): Promise<GenerateResult> {
  const planned = await plan(job);
  const { sampler, levels, config, noise } = planned;
  return denoiseAndDecode(job, planned, { latents: sampler.initial(noise(), levels, config), index: 0 });
}
