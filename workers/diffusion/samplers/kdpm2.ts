/**
 * The midpoint method in log sigma: DPM-Solver-2 (Lu et al. 2022, Algorithm 1) in the form of Karras et al. 2022, and
 * its ancestral variant. Two calls of the network a step, one for the last.
 */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { levelOfSigma, sigmaOf, timestepOfSigma, trainingSigmas } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { advanceExploding } from "./directions.ts";
import { ancestralSigmas } from "./euler-ancestral.ts";
import { secondOrderDefaults } from "./heun.ts";
import { scaledNoise, sigmaLevels } from "./sigma-levels.ts";
import { moveTo, never, stepwise } from "./stepwise.ts";

const { fround, sqrt } = Math;

const shared: Pick<SamplerDefinition, "families" | "defaults" | "levels" | "initial"> = {
  families: ["diffusion"],
  defaults: secondOrderDefaults,
  levels: (config, steps) => sigmaLevels(secondOrderDefaults, config, steps, { roundKarras: true }),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
};

export const kdpm2: SamplerDefinition = {
  ...shared,
  id: "kdpm2",
  label: "DPM2",
  schedulerClass: "KDPM2DiscreteScheduler",
  sample: stepwise(secondOrderDefaults, never, async ({ x, level, next, config, denoise, constrain }) => {
    const denoised = await denoise(x, level);
    if (next.sigma === 0) return { x: moveTo(next, x, denoised, level), denoised };
    const middle = middleLevel(config, sigmaOf(level), sigmaOf(next));
    const halfway = constrain(moveTo(middle, x, denoised, level), noisedAsNext(middle, next));
    return { x: throughMiddle(x, level, next, middle, halfway, await denoise(halfway, middle)), denoised };
  }),
};

export const kdpm2Ancestral: SamplerDefinition = {
  ...shared,
  id: "kdpm2-ancestral",
  label: "DPM2 a",
  stochastic: () => true,
  schedulerClass: "KDPM2AncestralDiscreteScheduler",
  sample: stepwise(
    secondOrderDefaults,
    (index, levels) => (levels[index + 1].sigma === 0 ? 0 : 1),
    async ({ x, level, next, config, denoise, noise, constrain }) => {
      const denoised = await denoise(x, level);
      if (next.sigma === 0) return { x: moveTo(next, x, denoised, level), denoised };
      const { up, down } = float32Ancestral(level, next);
      const low = levelOfSigma(next.timestep, down);
      const middle = middleLevel(config, sigmaOf(level), down);
      const halfway = constrain(moveTo(middle, x, denoised, level), noisedAsNext(middle, next));
      const quiet = throughMiddle(x, level, low, middle, halfway, await denoise(halfway, middle));
      return { x: combine([next.alpha / low.alpha, quiet], [next.alpha * up, noise()]), denoised };
    },
  ),
};

/**
 * The sigmas in float32, where a steep fall leaves few digits of `down`: the middle of the step, and so the picture, depends on which
 * they are. Exact where float32 leaves none at all.
 */
function float32Ancestral(from: NoiseLevel, to: NoiseLevel): { up: number; down: number } {
  const square = (value: number) => fround(fround(value) ** 2);
  const [high, low] = [square(sigmaOf(from)), square(sigmaOf(to))];
  const up = fround(sqrt(fround(fround(low * fround(high - low)) / high)));
  const down = fround(sqrt(fround(low - square(up))));
  return down > 0 ? { up, down } : ancestralSigmas(from, to);
}

/** What is known of the latents in the middle of a step is noised as at the step's end there, as diffusers does. */
export function noisedAsNext(middle: NoiseLevel, next: NoiseLevel): NoiseLevel {
  return { ...middle, sigma: middle.alpha * sigmaOf(next) };
}

/** The level at the geometric mean of two sigmas. */
export function middleLevel(config: SchedulerConfig, high: number, low: number): NoiseLevel {
  const sigma = fround(sqrt(high * low));
  return levelOfSigma(fround(timestepOfSigma(sigma, trainingSigmas(config).map(Math.log))), sigma);
}

/** The whole step along the direction found in its middle. */
function throughMiddle(
  x: Tensor,
  from: NoiseLevel,
  to: NoiseLevel,
  middle: NoiseLevel,
  halfway: Tensor,
  denoisedThere: Tensor,
): Tensor {
  return advanceExploding(x, from, to, [{ weight: 1, x: halfway, denoised: denoisedThere, level: middle }]);
}
