/**
 * Heun's method: the trapezoidal rule on the probability flow ODE in sigma (Karras et al. 2022, Algorithm 1 without
 * churn). Two calls of the network a step, one for the last.
 */
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults } from "./chain.ts";
import { type Advance, advanceExploding } from "./directions.ts";
import { scaledNoise, sigmaDefaults, sigmaLevels } from "./sigma-levels.ts";
import { moveTo, never, type StepInput, type StepResult, stepwise } from "./stepwise.ts";

/** What the second-order samplers of the k-diffusion family have in common. */
export const secondOrderDefaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  beta_start: 0.00085,
  beta_end: 0.012,
  timestep_spacing: "linspace",
  steps_offset: 0,
};

const defaults: SchedulerConfig = { ...secondOrderDefaults, clip_sample: false, clip_sample_range: 1 };

export const heun: SamplerDefinition = {
  id: "heun",
  label: "Heun",
  schedulerClass: "HeunDiscreteScheduler",
  families: ["diffusion"],
  defaults,
  levels: (config, steps) => sigmaLevels(defaults, config, steps),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
  sample: stepwise(defaults, never, heunStep(advanceExploding)),
};

export function heunStep(advance: Advance): (input: StepInput) => Promise<StepResult> {
  return async ({ x, level, next, denoise, constrain }) => {
    const denoised = await denoise(x, level);
    const straight = moveTo(next, x, denoised, level);
    if (next.sigma === 0) return { x: straight, denoised };
    const euler = constrain(straight, next);
    const there = await denoise(euler, next);
    const heard = [
      { weight: 0.5, x, denoised, level },
      { weight: 0.5, x: euler, denoised: there, level: next },
    ];
    return { x: advance(x, level, next, heard), denoised };
  };
}
