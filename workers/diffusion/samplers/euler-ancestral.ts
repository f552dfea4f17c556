/**
 * Euler with fresh noise at every step (k-diffusion's ancestral sampling): an Euler step to a lower sigma than asked
 * for, then the noise that is missing, so that the variance is DDPM's.
 */
import { combine } from "../../tensor/arithmetic.ts";
import { sigmaOf } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults } from "./chain.ts";
import { scaledNoise, sigmaLevels } from "./sigma-levels.ts";
import { always, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  rescale_betas_zero_snr: false,
  timestep_spacing: "linspace",
  steps_offset: 0,
};

export const eulerAncestral: SamplerDefinition = {
  id: "euler-ancestral",
  label: "Euler a",
  schedulerClass: "EulerAncestralDiscreteScheduler",
  families: ["diffusion"],
  defaults,
  stochastic: () => true,
  levels: (config, steps) => sigmaLevels(defaults, config, steps),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
  sample: stepwise(defaults, always, async ({ x, level, next, denoise, noise }) => {
    const denoised = await denoise(x, level);
    const { up, down } = ancestralSigmas(level, next);
    const ratio = (next.alpha * down) / level.sigma;
    return {
      x: combine([ratio, x], [next.alpha - ratio * level.alpha, denoised], [next.alpha * up, noise()]),
      denoised,
    };
  }),
};

/** How far down an ancestral step goes and how much noise brings it up again; both sigmas of the exploding view. */
export function ancestralSigmas(from: NoiseLevel, to: NoiseLevel): { up: number; down: number } {
  const high = sigmaOf(from);
  const low = sigmaOf(to);
  const up = Math.sqrt((low ** 2 * (high ** 2 - low ** 2)) / high ** 2);
  return { up, down: low ** 2 / high };
}
