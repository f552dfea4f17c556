/**
 * Euler's and Heun's method for flow matching (Lipman et al. 2023; Esser et al. 2024, "Scaling Rectified Flow
 * Transformers", section 2 and eq. 23 for the shift).
 */
import { combine } from "../../tensor/arithmetic.ts";
import { checkSteps, linspace, resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { unitNoise } from "./chain.ts";
import { advanceFlow } from "./directions.ts";
import { dynamicShift, shiftDefaults, shiftSigma, stretchToTerminal } from "./flow-shift.ts";
import { heunStep } from "./heun.ts";
import { respacing, sigmaDefaults } from "./sigma-levels.ts";
import { moveTo, never, stepwise } from "./stepwise.ts";

const { fround } = Math;

const heunDefaults: SchedulerConfig = { num_train_timesteps: 1000, shift: 1, prediction_type: "flow_prediction" };

const eulerDefaults: SchedulerConfig = {
  ...heunDefaults,
  ...sigmaDefaults,
  ...shiftDefaults,
  shift_terminal: null,
  invert_sigmas: false,
  stochastic_sampling: false,
  sigma_min: null,
  sigma_max: null,
};

export const flowEuler: SamplerDefinition = {
  id: "flow-euler",
  label: "Euler",
  schedulerClass: "FlowMatchEulerDiscreteScheduler",
  families: ["flow"],
  defaults: eulerDefaults,
  stochastic: ({ stochastic_sampling }) => stochastic_sampling === true,
  levels: (config, steps, tokens) => flowMatchLevels(resolveConfig(eulerDefaults, config), steps, tokens),
  initial: unitNoise,
  sample: stepwise(
    eulerDefaults,
    (_index, _levels, { config }) => (config.stochastic_sampling ? 1 : 0),
    async ({ x, level, next, config, denoise, noise }) => {
      const denoised = await denoise(x, level);
      if (!config.stochastic_sampling) return { x: moveTo(next, x, denoised, level), denoised };
      return { x: combine([next.alpha, denoised], [next.sigma, noise()]), denoised };
    },
  ),
};

export const flowHeun: SamplerDefinition = {
  id: "flow-heun",
  label: "Heun",
  schedulerClass: "FlowMatchHeunDiscreteScheduler",
  families: ["flow"],
  defaults: heunDefaults,
  levels: (config, steps) => flowMatchLevels(resolveConfig(heunDefaults, config), steps),
  initial: unitNoise,
  sample: stepwise(heunDefaults, never, heunStep(advanceFlow)),
};

/**
 * From sigma 1 down to 0. A fixed shift is applied twice, to the range and to the levels in it, as diffusers does; a
 * dynamic one follows the number of image tokens.
 */
function flowMatchLevels(config: SchedulerConfig, steps: number, tokens?: number): NoiseLevel[] {
  const total = config.num_train_timesteps ?? 1000;
  checkSteps(steps, total);
  if (config.invert_sigmas) throw new Error("Inverted sigmas (invert_sigmas) cannot be run; choose another model.");
  const shift = config.use_dynamic_shifting ? dynamicShift(config, tokens) : (config.shift ?? 1);
  const shifted = (sigma: number) => shiftSigma(shift, sigma);
  const smallest = config.use_dynamic_shifting ? fround(1 / total) : fround(shifted(fround(1 / total)));
  let sigmas = linspace(total, smallest * total, steps).map((timestep) => shifted(timestep / total));
  if (config.shift_terminal) sigmas = stretchToTerminal(sigmas, config.shift_terminal);
  const respace = respacing(config);
  if (respace) sigmas = respace(config.sigma_min ?? sigmas[steps - 1], config.sigma_max ?? sigmas[0], steps);
  const levels = sigmas.map((value) => {
    const sigma = fround(value);
    return { timestep: fround(sigma * total), alpha: 1 - sigma, sigma };
  });
  return [...levels, { timestep: 0, alpha: 1, sigma: 0 }];
}
