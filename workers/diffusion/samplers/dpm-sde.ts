/**
 * DPM-Solver++ (SDE) with a midpoint: Lu et al. 2022, "DPM-Solver++", section 5, as k-diffusion runs it with r = 1/2.
 * Two calls of the network a step, one for the last. The noise is a Brownian path: a step draws its two halves, and
 * the whole step's noise is their sum.
 */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sigmaOf } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition } from "../types.ts";
import { ancestralSigmas } from "./euler-ancestral.ts";
import { secondOrderDefaults } from "./heun.ts";
import { middleLevel, noisedAsNext } from "./kdpm2.ts";
import { scaledNoise, sigmaLevels } from "./sigma-levels.ts";
import { moveTo, stepwise } from "./stepwise.ts";

export const dpmSde: SamplerDefinition = {
  id: "dpmpp-sde",
  label: "DPM++ SDE",
  schedulerClass: "DPMSolverSDEScheduler",
  families: ["diffusion"],
  defaults: secondOrderDefaults,
  stochastic: () => true,
  levels: (config, steps) => sigmaLevels(secondOrderDefaults, config, steps),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
  sample: stepwise(
    secondOrderDefaults,
    (index, levels) => (levels[index + 1].sigma === 0 ? 0 : 2),
    async ({ x, level, next, config, denoise, noise, constrain }) => {
      const denoised = await denoise(x, level);
      if (next.sigma === 0) return { x: moveTo(next, x, denoised, level), denoised };
      const middle = middleLevel(config, sigmaOf(level), sigmaOf(next));
      const first = noise();
      const halfway = constrain(ancestralMove(middle, x, denoised, level, first), noisedAsNext(middle, next));
      const there = await denoise(halfway, middle);
      const whole = brownianSum(sigmaOf(level), sigmaOf(middle), sigmaOf(next), first, noise());
      return { x: ancestralMove(next, x, there, level, whole), denoised };
    },
  ),
};

/** Down to the sigma that an ancestral step aims at, and up again with the noise. */
function ancestralMove(to: NoiseLevel, x: Tensor, denoised: Tensor, from: NoiseLevel, noise: Tensor): Tensor {
  const { up, down } = ancestralSigmas(from, to);
  const ratio = (to.alpha * down) / from.sigma;
  return combine([ratio, x], [to.alpha - ratio * from.alpha, denoised], [to.alpha * up, noise]);
}

/** The increments of a Brownian motion over high ... middle and middle ... low, added up and brought to unit variance. */
function brownianSum(high: number, middle: number, low: number, first: Tensor, second: Tensor): Tensor {
  return combine(
    [Math.sqrt((high - middle) / (high - low)), first],
    [Math.sqrt((middle - low) / (high - low)), second],
  );
}
