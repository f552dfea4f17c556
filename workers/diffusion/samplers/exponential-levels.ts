/** The levels of the DPM-Solver family (also DEIS and UniPC, with fields of their own switched off). */
import {
  alphasCumprod,
  checkSteps,
  interpolate,
  levelOfSigma,
  linspace,
  roundHalfEven,
  spacedTimesteps,
  timestepOfSigma,
  trainingSigmas,
} from "../noise-schedule.ts";
import type { NoiseLevel, SchedulerConfig } from "../types.ts";
import { finalSigma, respacing } from "./sigma-levels.ts";

const { fround } = Math;

export const flowDefaults: SchedulerConfig = { use_flow_sigmas: false, flow_shift: 1 };

interface Rules {
  /** where the run ends: as final_sigmas_type says, or at the smallest sigma always */
  readonly end: "config" | "smallest";
  /** whether Karras timesteps are rounded, not cut, to whole ones */
  readonly roundKarras: "always" | "unless cosine";
}

/** @param config with the sampler's defaults filled in */
export function exponentialLevels(config: SchedulerConfig, steps: number, { end, roundKarras }: Rules): NoiseLevel[] {
  const total = config.num_train_timesteps ?? 1000;
  checkSteps(steps, total);
  if (config.use_flow_sigmas) return flowLevels(config, steps, total);
  const trained = trainingSigmas(config);
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
  return [...levels, levelOfSigma(0, end === "smallest" ? trained[0] : finalSigma(config, trained))];
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
      return Array.from({ length: Math.ceil(last / ratio) }, (_, i) => roundHalfEven(last - i * ratio) - 1);
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

/** Flow matching: sigma from 1 down, shifted (Esser et al. 2024, eq. 23), alpha = 1 - sigma. */
function flowLevels(config: SchedulerConfig, steps: number, total: number): NoiseLevel[] {
  const shift = config.flow_shift ?? 1;
  const sigmas = linspace(1, 1 / total, steps + 1)
    .map((alpha) => 1 - alpha)
    .map((sigma) => (shift * sigma) / (1 + (shift - 1) * sigma))
    .slice(1)
    .reverse();
  return flowRun(sigmas, total);
}

/** UniPC's flow matching levels: the range is shifted, and begins just below sigma 1, where lambda is still finite. */
export function unifiedFlowLevels(config: SchedulerConfig, steps: number): NoiseLevel[] {
  const total = config.num_train_timesteps ?? 1000;
  checkSteps(steps, total);
  const shift = config.flow_shift ?? 1;
  const sigmas = linspace(1, 1 / total, steps + 1)
    .slice(0, -1)
    .map((sigma) => Math.min((shift * sigma) / (1 + (shift - 1) * sigma), 1 - 1e-6));
  return flowRun(sigmas, total);
}

function flowRun(sigmas: readonly number[], total: number): NoiseLevel[] {
  const levels = sigmas.map((value) => {
    const sigma = fround(value);
    return { timestep: Math.trunc(value * total), alpha: fround(1 - sigma), sigma };
  });
  return [...levels, { timestep: 0, alpha: 1, sigma: 0 }];
}
