/** The levels of the DPM-Solver family (also DEIS and UniPC, with fields of their own switched off). */
import {
  alphasCumprod,
  checkSteps,
  interpolate,
  karrasSigmas,
  levelOfSigma,
  linspace,
  roundHalfEven,
  spacedTimesteps,
  timestepOfSigma,
  trailingTimesteps,
  trainingSigmas,
} from "../noise-schedule.ts";
import type { NoiseLevel, SchedulerConfig } from "../types.ts";
import { dynamicShift, shiftDefaults, shiftSigma, stretchToTerminal } from "./flow-shift.ts";
import { finalSigma, respacing } from "./sigma-levels.ts";

const { fround } = Math;

export const flowDefaults: SchedulerConfig = { ...shiftDefaults, use_flow_sigmas: false, flow_shift: 1 };

interface Rules {
  /**
   * where final_sigmas_type `sigma_min` ends: at the smallest sigma of the training ("trained"), or once more at the run's own last one
   * wherever its levels are not read off the training's ("own")
   */
  readonly smallest: "trained" | "own";
  /** whether Karras timesteps are rounded, not cut, to whole ones */
  readonly roundKarras: "always" | "unless cosine";
}

/**
 * @param config with the sampler's defaults filled in
 * @param tokens of the picture, for dynamic shifting
 */
export function exponentialLevels(
  config: SchedulerConfig,
  steps: number,
  tokens: number | undefined,
  { smallest, roundKarras }: Rules,
): NoiseLevel[] {
  const total = config.num_train_timesteps ?? 1000;
  checkSteps(steps, total);
  const trained = trainingSigmas(config);
  const endOf = (sigmas: readonly number[], own: boolean) =>
    own && smallest === "own" && config.final_sigmas_type === "sigma_min"
      ? sigmas[sigmas.length - 1]
      : finalSigma(config, trained);
  if (config.use_flow_sigmas) {
    const sigmas = flowSigmas(config, steps, tokens, total);
    return flowRun(sigmas, endOf(sigmas, true), total);
  }
  const logs = trained.map(Math.log);
  const respace = config.use_lu_lambdas ? luSigmas : respacing(config);
  let timesteps: number[];
  let sigmas: number[];
  if (respace) {
    const [min, max] = [config.sigma_min ?? trained[0], config.sigma_max ?? trained[total - 1]];
    sigmas = respace(min, max, steps);
    const rounds =
      (config.use_karras_sigmas || config.use_lu_lambdas) &&
      (roundKarras === "always" || config.beta_schedule !== "squaredcos_cap_v2");
    timesteps = sigmas.map((sigma) => {
      const timestep = timestepOfSigma(sigma, logs);
      return Math.trunc(rounds ? roundHalfEven(timestep) : timestep);
    });
  } else {
    timesteps = clippedTimesteps(config, steps, total);
    sigmas = timesteps.map((timestep) => interpolate(timestep, trained));
  }
  const levels = sigmas.map((sigma, i) => levelOfSigma(timesteps[i], fround(sigma)));
  return [...levels, levelOfSigma(0, fround(endOf(sigmas, respace !== undefined)))];
}

/** One spacing step is left out at the end: the run stops above timestep 0. `lambda_min_clipped` cuts off the noisiest. */
function clippedTimesteps(config: SchedulerConfig, steps: number, total: number): number[] {
  const last = total - clippedCount(config, total);
  switch (config.timestep_spacing) {
    case "linspace":
      return linspace(0, last - 1, steps + 1)
        .slice(1)
        .reverse()
        .map(roundHalfEven);
    case "leading": {
      const ratio = Math.floor(last / (steps + 1));
      return Array.from({ length: steps }, (_, i) => (steps - i) * ratio + (config.steps_offset ?? 0));
    }
    case "trailing": {
      const ratio = total / steps;
      return trailingTimesteps(last, ratio, Math.ceil(last / ratio));
    }
    default:
      return spacedTimesteps(config, steps, "integer");
  }
}

/** How many of the noisiest training timesteps have lambda below `lambda_min_clipped`. */
function clippedCount(config: SchedulerConfig, total: number): number {
  const limit = Number(config.lambda_min_clipped ?? Number.NEGATIVE_INFINITY);
  if (limit === Number.NEGATIVE_INFINITY || Number.isNaN(limit)) return 0;
  const cumprod = alphasCumprod(config);
  const lambda = (i: number) =>
    fround(
      fround(Math.log(fround(Math.sqrt(cumprod[i])))) - fround(Math.log(fround(Math.sqrt(fround(1 - cumprod[i]))))),
    );
  let count = 0;
  while (count < total && lambda(total - 1 - count) < limit) count++;
  return count;
}

/** Evenly spaced in lambda (Lu et al. 2022, "DPM-Solver", section 3.4). */
function luSigmas(min: number, max: number, steps: number): number[] {
  return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
}

/** Flow matching: sigma from just below 1 down. */
function flowSigmas(config: SchedulerConfig, steps: number, tokens: number | undefined, total: number): number[] {
  const shift = flowShift(config, tokens);
  return linspace(1, 1 / total, steps + 1)
    .map((alpha) => shiftSigma(shift, 1 - alpha))
    .slice(1)
    .reverse();
}

/** @throws Error for linear dynamic shifting, which diffusers has for UniPC alone */
function flowShift(config: SchedulerConfig, tokens: number | undefined): number {
  if (!config.use_dynamic_shifting) return config.flow_shift ?? 1;
  if (config.time_shift_type === "exponential") return dynamicShift(config, tokens);
  throw new Error(
    `The dynamic shifting "${config.time_shift_type}" cannot be run by this sampler; choose unipc or flow-euler.`,
  );
}

/** UniPC's flow matching levels: the range is shifted, and begins just below sigma 1, where lambda is still finite. */
export function unifiedFlowLevels(config: SchedulerConfig, steps: number, tokens: number | undefined): NoiseLevel[] {
  const total = config.num_train_timesteps ?? 1000;
  checkSteps(steps, total);
  const sigmas = config.use_karras_sigmas
    ? karrasFlowSigmas(config, steps)
    : unifiedFlowSigmas(config, steps, tokens, total);
  return flowRun(sigmas, config.final_sigmas_type === "sigma_min" ? sigmas[steps - 1] : 0, total);
}

const BELOW_ONE = 1e-6;

function unifiedFlowSigmas(config: SchedulerConfig, steps: number, tokens: number | undefined, total: number) {
  const shift = config.use_dynamic_shifting ? dynamicShift(config, tokens) : (config.flow_shift ?? 1);
  const range = linspace(1, 1 / total, steps + 1)
    .slice(0, -1)
    .map((sigma) => shiftSigma(shift, sigma));
  const sigmas = config.shift_terminal ? stretchToTerminal(range, config.shift_terminal) : range;
  return sigmas.map((sigma) => Math.min(sigma, 1 - BELOW_ONE));
}

/** Karras sigmas of the variance-exploding view, as shares of noise. */
function karrasFlowSigmas(config: SchedulerConfig, steps: number): number[] {
  const trained = trainingSigmas(config);
  const [min, max] = [config.sigma_min ?? trained[0], config.sigma_max ?? trained[trained.length - 1]];
  return karrasSigmas(min, max, steps).map((sigma) => sigma / (sigma + 1));
}

/** Alpha and sigma add up to 1. */
function flowRun(sigmas: readonly number[], final: number, total: number): NoiseLevel[] {
  const level = (timestep: number, value: number): NoiseLevel => {
    const sigma = fround(value);
    return { timestep, alpha: fround(1 - sigma), sigma };
  };
  return [...sigmas.map((sigma) => level(Math.trunc(sigma * total), sigma)), level(0, final)];
}
