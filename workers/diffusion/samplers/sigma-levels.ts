/** What the samplers of the k-diffusion family share: levels chosen by sigma (variance-exploding view). */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { betaQuantileSigmas } from "../beta-sigmas.ts";
import {
  checkSteps,
  exponentialSigmas,
  interpolate,
  karrasSigmas,
  levelOfSigma,
  resolveConfig,
  roundHalfEven,
  spacedTimesteps,
  timestepOfSigma,
  trainingSigmas,
} from "../noise-schedule.ts";
import type { NoiseLevel, SchedulerConfig } from "../types.ts";

const { fround } = Math;

export const sigmaDefaults: SchedulerConfig = {
  use_karras_sigmas: false,
  use_exponential_sigmas: false,
  use_beta_sigmas: false,
};

/** The levels of Euler and its kin. @throws Error on steps out of range or two ways of choosing sigmas at once */
export function sigmaLevels(
  defaults: SchedulerConfig,
  given: SchedulerConfig,
  steps: number,
  { roundKarras = false } = {},
): NoiseLevel[] {
  const config = resolveConfig(defaults, given);
  checkSteps(steps, config.num_train_timesteps ?? 1000);
  const respace = respacing(config);
  const trained = trainingSigmas(config);
  let timesteps = spacedTimesteps(config, steps, "fraction");
  let sigmas = timesteps.map((timestep) => interpolate(timestep, trained));
  let final = finalSigma(config, trained);
  if (config.interpolation_type === "log_linear") {
    const [low, high] = [Math.log(trained[0]), Math.log(trained[trained.length - 1])];
    sigmas = Array.from({ length: steps }, (_, i) => Math.exp(high + ((low - high) * i) / steps));
    if (!respace) final = trained[0];
  } else if ((config.interpolation_type ?? "linear") !== "linear") {
    throw new Error(
      `The interpolation type "${config.interpolation_type}" is not known; it must be linear or log_linear.`,
    );
  }
  if (respace) {
    // diffusers' log-linear range reaches down to the end of the run
    const lowest = config.interpolation_type === "log_linear" ? trained[0] : sigmas[steps - 1];
    sigmas = respace(config.sigma_min ?? lowest, config.sigma_max ?? sigmas[0], steps);
    const logs = trained.map(Math.log);
    timesteps = sigmas.map((sigma) => fround(timestepOfSigma(sigma, logs)));
    if (roundKarras && config.use_karras_sigmas) timesteps = timesteps.map(roundHalfEven);
  }
  if (config.timestep_type === "continuous" && config.prediction_type === "v_prediction") {
    timesteps = sigmas.map((sigma) => fround(0.25 * Math.log(fround(sigma))));
  }
  const levels = sigmas.map((sigma, i) => levelOfSigma(timesteps[i], fround(sigma)));
  return [...levels, levelOfSigma(0, final)];
}

type Respacing = (min: number, max: number, steps: number) => number[];

/** How the config wants sigmas chosen, undefined for the spacing of the timesteps. */
export function respacing(config: SchedulerConfig): Respacing | undefined {
  const chosen: Respacing[] = [];
  if (config.use_karras_sigmas) chosen.push(karrasSigmas);
  if (config.use_exponential_sigmas) chosen.push(exponentialSigmas);
  if (config.use_beta_sigmas) chosen.push(betaQuantileSigmas);
  if (chosen.length > 1) throw new Error("Karras, exponential and beta sigmas exclude each other; choose one of them.");
  return chosen[0];
}

/** The sigma at which a run ends. @throws Error when final_sigmas_type is neither zero nor sigma_min */
export function finalSigma(config: SchedulerConfig, trained: Float32Array): number {
  switch (config.final_sigmas_type ?? "zero") {
    case "zero":
      return 0;
    case "sigma_min":
      return trained[0];
    default:
      throw new Error(
        `The final sigma "${config.final_sigmas_type}" is not known; final_sigmas_type must be zero or sigma_min.`,
      );
  }
}

/** init_noise_sigma: the largest sigma, or for "leading" spacing sqrt(sigma^2 + 1), here in unit variance. */
export function scaledNoise(noise: Tensor, levels: readonly NoiseLevel[], spacing: string): Tensor {
  const scale = spacing === "leading" ? 1 : Math.max(...levels.map(({ sigma }) => sigma));
  return combine([scale, noise]);
}
