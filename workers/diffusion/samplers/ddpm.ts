/**
 * DDPM, ancestral sampling: Ho, Jain, Abbeel, "Denoising Diffusion Probabilistic Models" (2020), eq. 6 and 7.
 */
import { combine } from "../../tensor/arithmetic.ts";
import { resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, chainLevels, limitDefaults, unitNoise } from "./chain.ts";
import { stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...limitDefaults,
  rescale_betas_zero_snr: false,
  timestep_spacing: "leading",
  steps_offset: 0,
  variance_type: "fixed_small",
};

export const ddpm: SamplerDefinition = {
  id: "ddpm",
  label: "DDPM",
  schedulerClass: "DDPMScheduler",
  families: ["diffusion"],
  defaults,
  stochastic: () => true,
  levels(config, steps) {
    noiseDeviation(resolveConfig(defaults, config), 0.5, 0.5);
    return chainLevels(defaults, config, steps, "clean");
  },
  initial: unitNoise,
  sample: stepwise(
    defaults,
    (index, levels) => (levels[index].timestep > 0 ? 1 : 0),
    async ({ x, level, next, config, denoise, noise }) => {
      const denoised = await denoise(x, level);
      const { beta, towardsDenoised, towardsX, variance } = posterior(level, next);
      const mean = [
        [towardsDenoised, denoised],
        [towardsX, x],
      ] as const;
      if (level.timestep === 0) return { x: combine(...mean), denoised };
      return { x: combine(...mean, [noiseDeviation(config, variance, beta), noise()]), denoised };
    },
  ),
};

/** The Gaussian q(x_to | x_from, x0) (eq. 7), over a stride of any length. */
function posterior(from: NoiseLevel, to: NoiseLevel) {
  const stepAlpha = (from.alpha / to.alpha) ** 2;
  const beta = 1 - stepAlpha;
  const share = to.sigma ** 2 / from.sigma ** 2;
  return {
    beta,
    towardsDenoised: (to.alpha * beta) / from.sigma ** 2,
    towardsX: Math.sqrt(stepAlpha) * share,
    variance: Math.max(share * beta, 1e-20),
  };
}

/** Standard deviation of the noise that a step adds. @throws Error on a variance type that needs a learned variance */
function noiseDeviation(config: SchedulerConfig, variance: number, beta: number): number {
  switch (config.variance_type) {
    case "fixed_small":
    case "fixed_small_log":
      return Math.sqrt(variance);
    case "fixed_large":
      return Math.sqrt(beta);
    default:
      throw new Error(
        `DDPM cannot run the variance type "${config.variance_type}"; it must be fixed_small, fixed_small_log or fixed_large.`,
      );
  }
}
