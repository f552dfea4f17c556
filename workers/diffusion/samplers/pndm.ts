/**
 * PNDM and PLMS: Liu et al., "Pseudo Numerical Methods for Diffusion Models on Manifolds" (2022), eq. 9 to 14. Linear
 * multistep over what the network predicts; it starts with three Runge-Kutta steps, or without them (`skip_prk_steps`,
 * PLMS, as Stable Diffusion has it) with one step of Heun's kind.
 */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromPrediction, predictionType, toPrediction } from "../denoiser.ts";
import { alphasCumprod, checkSteps, levelOfAlphaCumprod, resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, PredictionType, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, chainLevels, landing, stride, unitNoise } from "./chain.ts";
import { moveTo, never, type StepInput, type StepResult, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  skip_prk_steps: false,
  set_alpha_to_one: false,
  timestep_spacing: "leading",
  steps_offset: 0,
};

export const pndm: SamplerDefinition = {
  id: "pndm",
  label: "PNDM (PLMS)",
  schedulerClass: "PNDMScheduler",
  families: ["diffusion"],
  defaults,
  // its first step belongs to the run's first level, and the others count by its own stride
  takesOver: "never",
  levels(given, steps) {
    const config = resolveConfig(defaults, given);
    checkSteps(steps, config.num_train_timesteps ?? 1000);
    if (!config.skip_prk_steps && steps < 4) {
      throw new Error(
        `PNDM with Runge-Kutta steps needs 4 steps or more, not ${steps}; choose more or skip_prk_steps.`,
      );
    }
    return chainLevels(defaults, given, steps, "landing");
  },
  initial: unitNoise,
  startLevel: (index, levels, config) => (config.skip_prk_steps ? warmUp(index, levels).level : levels[index]),
  sample: stepwise(defaults, never, (input) => {
    if (input.past.length === 0 && input.config.skip_prk_steps) return firstStep(input);
    return !input.config.skip_prk_steps && input.index < 3 ? rungeKuttaStep(input) : multistep(input);
  }),
};

/** Adams-Bashforth coefficients, newest first, by the number of predictions known. */
const ADAMS_BASHFORTH = [[1], [3 / 2, -1 / 2], [23 / 12, -16 / 12, 5 / 12], [55 / 24, -59 / 24, 37 / 24, -9 / 24]];

async function multistep({ x, level, levels, past, config, denoise }: StepInput): Promise<StepResult> {
  const type = predictionType(config);
  const denoised = await denoise(x, level);
  const known = [{ level, x, denoised }, ...past].slice(0, 4);
  const weights = ADAMS_BASHFORTH[known.length - 1];
  const mixed = combine(
    ...known.map((step, k) => [weights[k], toPrediction(type, step.denoised, step.x, step.level)] as const),
  );
  return { x: transfer(type, x, level, landingOf(config, levels, level.timestep), mixed), denoised };
}

/**
 * The levels of the first step's two calls. Its second level counts twice in a whole run; diffusers cuts that list for
 * image-to-image as any other, so that a run from the middle begins one level higher and leaves one out after the first step.
 */
function warmUp(index: number, levels: readonly NoiseLevel[]): { level: NoiseLevel; next: NoiseLevel } {
  return { level: levels[index < 2 ? index : index - 1], next: levels[Math.max(index, 1)] };
}

/** PLMS begins: one step, then again with the mean of the predictions at its two ends. */
async function firstStep({ x, index, levels, config, denoise, constrain }: StepInput): Promise<StepResult> {
  const type = predictionType(config);
  const { level, next } = warmUp(index, levels);
  const denoised = await denoise(x, level);
  if (levels.length === 2) return { x: moveTo(next, x, denoised, level), denoised };
  const trial = constrain(moveTo(landingOf(config, levels, level.timestep), x, denoised, level), next);
  const there = await denoise(trial, next);
  const mean = combine([0.5, toPrediction(type, denoised, x, level)], [0.5, toPrediction(type, there, trial, next)]);
  // The second pass counts its start from its end, one stride up.
  const cumprod = alphasCumprod(config);
  const above = next.timestep + stride(config, levels.length - 1);
  return {
    x: transfer(type, x, levelOfAlphaCumprod(above, cumprod[above]), next, mean),
    // the prediction stays what it was when it is read back at the step's own level
    denoised: index === 0 ? denoised : fromPrediction(type, toPrediction(type, denoised, x, level), x, levels[index]),
  };
}

/**
 * The fourth-order pseudo Runge-Kutta step (eq. 13). Its middle is counted from below, half a stride above the next
 * level; only the first trial counts it from above, which differs by one where a stride is odd.
 */
async function rungeKuttaStep({ x, level, next, levels, config, denoise }: StepInput): Promise<StepResult> {
  const type = predictionType(config);
  const cumprod = alphasCumprod(config);
  const half = Math.floor(stride(config, levels.length - 1) / 2);
  const at = (timestep: number) => levelOfAlphaCumprod(timestep, cumprod[timestep]);
  const middle = at(next.timestep + half);
  const predict = async (trial: Tensor, where: NoiseLevel) =>
    toPrediction(type, await denoise(trial, where), trial, where);
  const denoised = await denoise(x, level);
  const a = toPrediction(type, denoised, x, level);
  const b = await predict(transfer(type, x, level, at(level.timestep - half), a), middle);
  const c = await predict(transfer(type, x, level, middle, b), middle);
  const d = await predict(transfer(type, x, level, next, c), next);
  const mixed = combine([1 / 6, a], [1 / 3, b], [1 / 3, c], [1 / 6, d]);
  return { x: transfer(type, x, level, next, mixed), denoised };
}

/** The pseudo transfer part (eq. 11): DDIM's step with any prediction. */
function transfer(type: PredictionType, x: Tensor, from: NoiseLevel, to: NoiseLevel, prediction: Tensor): Tensor {
  return moveTo(to, x, fromPrediction(type, prediction, x, from), from);
}

function landingOf(config: SchedulerConfig, levels: readonly NoiseLevel[], timestep: number): NoiseLevel {
  return landing(config, alphasCumprod(config), levels.length - 1, timestep);
}
