/**
 * DDIM: Song, Meng, Ermon, "Denoising Diffusion Implicit Models" (2021), eq. 12 and 16.
 * `eta` 0 is the deterministic sampler, 1 has DDPM's variance.
 */

import { combine } from "../../tensor/arithmetic.ts";
import { limitDenoised, toPrediction } from "../denoiser.ts";
import { alphasCumprod } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, chainLevels, landing, limitDefaults, unitNoise } from "./chain.ts";
import { stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...limitDefaults,
  rescale_betas_zero_snr: false,
  timestep_spacing: "leading",
  steps_offset: 0,
  set_alpha_to_one: true,
};

export const ddim: SamplerDefinition = {
  id: "ddim",
  label: "DDIM",
  schedulerClass: "DDIMScheduler",
  families: ["diffusion"],
  defaults,
  stochastic: (_config, eta = 0) => eta > 0,
  // it lands where the training chain says, not at the next level
  takesOver: "own levels",
  levels: (config, steps) => chainLevels(defaults, config, steps, "landing"),
  initial: unitNoise,
  sample: stepwise(
    defaults,
    (_index, _levels, { eta = 0 }) => (eta > 0 ? 1 : 0),
    async ({ x, level, levels, config, eta = 0, denoiseFreely, noise }) => {
      const to = landing(config, alphasCumprod(config), levels.length - 1, level.timestep);
      const free = await denoiseFreely(x, level);
      const denoised = limitDenoised(free, config);
      // The noise is the network's own, also where the estimate of x0 was clipped.
      const epsilon = toPrediction("epsilon", free, x, level);
      const ratio = (level.alpha / to.alpha) ** 2;
      const deviation = eta * (to.sigma / level.sigma) * Math.sqrt(1 - ratio);
      const direction = Math.sqrt(to.sigma ** 2 - deviation ** 2);
      const deterministic = [
        [to.alpha, denoised],
        [direction, epsilon],
      ] as const;
      const next = eta > 0 ? combine(...deterministic, [deviation, noise()]) : combine(...deterministic);
      return { x: next, denoised };
    },
  ),
};
