/**
 * Latent consistency sampling: Luo et al., "Latent Consistency Models" (2023), Algorithm 3. The network's estimate is
 * blended with its input by the boundary conditions of consistency models (Song et al. 2023, eq. 5), then noised again.
 */
import { combine } from "../../tensor/arithmetic.ts";
import { alphasCumprod, checkSteps, levelOfAlphaCumprod, resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, limitDefaults, unitNoise } from "./chain.ts";
import { stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...limitDefaults,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  clip_sample: false,
  rescale_betas_zero_snr: false,
  set_alpha_to_one: true,
  original_inference_steps: 50,
  timestep_scaling: 10,
};

/** Standard deviation of the data that the boundary conditions assume. */
const SIGMA_DATA = 0.5;

export const lcm: SamplerDefinition = {
  id: "lcm",
  label: "LCM",
  schedulerClass: "LCMScheduler",
  families: ["diffusion"],
  defaults: defaults,
  stochastic: () => true,
  levels: (config, steps, _tokens, strength) => distilledLevels(defaults, config, steps, "clean", strength),
  initial: unitNoise,
  sample: stepwise(
    defaults,
    (index, levels) => (index < levels.length - 2 ? 1 : 0),
    async ({ x, index, level, levels, next, config, denoise, noise }) => {
      const scaled = level.timestep * (config.timestep_scaling ?? 10);
      const norm = Math.hypot(scaled, SIGMA_DATA);
      const estimate = await denoise(x, level);
      const denoised = combine([scaled / norm, estimate], [(SIGMA_DATA / norm) ** 2, x]);
      const last = index === levels.length - 2;
      return { x: last ? denoised : combine([next.alpha, denoised], [next.sigma, noise()]), denoised };
    },
  ),
};

/**
 * Every n-th of the timesteps that the model was distilled on, from the last trained one down (from the part that the strength
 * of image-to-image leaves), and the level where the last step ends: without noise, or the first trained one.
 */
export function distilledLevels(
  defaults: SchedulerConfig,
  given: SchedulerConfig,
  steps: number,
  ending: "clean" | "first",
  strength = 1,
): NoiseLevel[] {
  const config = resolveConfig(defaults, given);
  const total = config.num_train_timesteps ?? 1000;
  const original = config.original_inference_steps ?? 50;
  checkSteps(original, total);
  const used = Math.trunc(original * strength);
  checkSteps(steps, used);
  const stride = Math.floor(total / original);
  const cumprod = alphasCumprod(config);
  const levels = Array.from({ length: steps }, (_, i) => {
    const timestep = (used - Math.floor((i * used) / steps)) * stride - 1;
    return levelOfAlphaCumprod(timestep, cumprod[timestep]);
  });
  return [...levels, levelOfAlphaCumprod(0, ending === "clean" ? 1 : cumprod[0])];
}
