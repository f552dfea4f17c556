/**
 * Euler's method on the probability flow ODE in sigma: Karras et al., "Elucidating the Design Space of
 * Diffusion-Based Generative Models" (2022), Algorithm 1 without its correction and churn.
 */
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults } from "./chain.ts";
import { scaledNoise, sigmaDefaults, sigmaLevels } from "./sigma-levels.ts";
import { moveTo, never, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  rescale_betas_zero_snr: false,
  timestep_spacing: "linspace",
  timestep_type: "discrete",
  steps_offset: 0,
  interpolation_type: "linear",
  sigma_min: null,
  sigma_max: null,
  final_sigmas_type: "zero",
};

export const euler: SamplerDefinition = {
  id: "euler",
  label: "Euler",
  schedulerClass: "EulerDiscreteScheduler",
  families: ["diffusion"],
  defaults,
  levels: (config, steps) => sigmaLevels(defaults, config, steps),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
  sample: stepwise(defaults, never, async ({ x, level, next, denoise }) => {
    const denoised = await denoise(x, level);
    return { x: moveTo(next, x, denoised, level), denoised };
  }),
};
