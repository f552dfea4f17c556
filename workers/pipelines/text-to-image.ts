/**
 * Text to image: noise is drawn from the seed, and the sampler takes it down the levels with the guided backbone as its denoiser
 * (Rombach et al. 2022).
 */
import { type Drawn, denoiseAndDecode, type Job, type Plan, plan, type Start } from "./run.ts";

export async function textToImage(job: Job): Promise<Drawn> {
  const { planned, start } = fromNoise(job);
  return denoiseAndDecode(job, planned, start);
}

export function fromNoise(job: Job): { planned: Plan; start: Start } {
  const planned = plan(job);
  const { sampler, levels, config, noise } = planned;
  return { planned, start: { latents: sampler.initial(noise(), levels, config), index: 0 } };
}
