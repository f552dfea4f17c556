/**
 * Trajectory consistency: Zheng et al., "Trajectory Consistency Distillation" (2024), Algorithm 4. `eta` (gamma in the
 * paper, 0.3 unless given) says how far below the next level a step lands before noise brings it up again.
 */
import { combine } from "../../tensor/arithmetic.ts";
import { alphasCumprod, levelOfAlphaCumprod } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { unitNoise } from "./chain.ts";
import { distilledLevels } from "./lcm.ts";
import { moveTo, stepwise } from "./stepwise.ts";

const { fround } = Math;

const DEFAULT_ETA = 0.3;

const defaults: SchedulerConfig = {
  num_train_timesteps: 1000,
  beta_start: 0.00085,
  beta_end: 0.012,
  beta_schedule: "scaled_linear",
  trained_betas: null,
  prediction_type: "epsilon",
  rescale_betas_zero_snr: false,
  original_inference_steps: 50,
};

export const tcd: SamplerDefinition = {
  id: "tcd",
  label: "TCD",
  schedulerClass: "TCDScheduler",
  families: ["diffusion"],
  defaults,
  stochastic: (_config, eta = DEFAULT_ETA) => eta > 0,
  levels: (config, steps) => distilledLevels(defaults, config, steps, "first"),
  initial: unitNoise,
  sample: stepwise(
    defaults,
    (index, levels, { eta = DEFAULT_ETA }) => (eta > 0 && index < levels.length - 2 ? 1 : 0),
    async ({ x, index, level, levels, next, config, eta = DEFAULT_ETA, denoise, noise }) => {
      const cumprod = alphasCumprod(config);
      // in float32, as torch multiplies a tensor of whole numbers
      const below = Math.floor(fround(fround(1 - eta) * next.timestep));
      const low = levelOfAlphaCumprod(below, cumprod[below]);
      const denoised = await denoise(x, level);
      const landed = moveTo(low, x, denoised, level);
      if (eta === 0 || index === levels.length - 2) return { x: landed, denoised };
      const ratio = (next.alpha / low.alpha) ** 2;
      return { x: combine([Math.sqrt(ratio), landed], [Math.sqrt(1 - ratio), noise()]), denoised };
    },
  ),
};
