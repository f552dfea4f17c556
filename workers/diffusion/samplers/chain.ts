/** What the samplers that walk the training chain itself (DDPM, DDIM, PNDM) share. */
import type { Tensor } from "../../tensor/tensor.ts";
import { alphasCumprod, checkSteps, levelOfAlphaCumprod, resolveConfig, spacedTimesteps } from "../noise-schedule.ts";
import type { NoiseLevel, SchedulerConfig } from "../types.ts";

/** The betas' defaults in most diffusers schedulers. */
export const betaDefaults: SchedulerConfig = {
  num_train_timesteps: 1000,
  beta_start: 0.0001,
  beta_end: 0.02,
  beta_schedule: "linear",
  trained_betas: null,
  prediction_type: "epsilon",
};

export const thresholdDefaults: SchedulerConfig = {
  thresholding: false,
  dynamic_thresholding_ratio: 0.995,
  sample_max_value: 1,
};

export const limitDefaults: SchedulerConfig = { ...thresholdDefaults, clip_sample: true, clip_sample_range: 1 };

/**
 * The levels at a run's timesteps and the one where the last step ends: without noise, or where it lands.
 */
export function chainLevels(
  defaults: SchedulerConfig,
  given: SchedulerConfig,
  steps: number,
  ending: "clean" | "landing",
): NoiseLevel[] {
  const config = resolveConfig(defaults, given);
  checkSteps(steps, config.num_train_timesteps ?? 1000);
  const cumprod = alphasCumprod(config);
  const levels = spacedTimesteps(config, steps, "integer").map((t) => levelOfAlphaCumprod(t, cumprod[t]));
  const last = levels[steps - 1].timestep;
  return [...levels, ending === "clean" ? levelOfAlphaCumprod(0, 1) : landing(config, cumprod, steps, last)];
}

/**
 * Where a step of DDIM and PNDM from `timestep` lands: `floor(training timesteps / steps)` below, or the final level.
 * With spacings other than "leading" that can miss the run's next timestep by one; the next step reads the latents as
 * being at its own level all the same.
 */
export function landing(config: SchedulerConfig, cumprod: Float32Array, steps: number, timestep: number): NoiseLevel {
  const previous = timestep - stride(config, steps);
  if (previous >= 0) return levelOfAlphaCumprod(previous, cumprod[previous]);
  return levelOfAlphaCumprod(0, config.set_alpha_to_one ? 1 : cumprod[0]);
}

export const stride = (config: SchedulerConfig, steps: number): number =>
  Math.floor((config.num_train_timesteps ?? 1000) / steps);

/** A variance-preserving run begins with the noise itself. */
export const unitNoise = (noise: Tensor): Tensor => noise;
