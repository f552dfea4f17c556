/**
 * Straight moves: the two ordinary differential equations of this folder, each in the coordinates in which its
 * derivative is a prediction. Variance exploding: d(x / alpha) / d(sigma / alpha) = epsilon (Karras et al. 2022, eq. 1);
 * flow matching: dx / dsigma = noise - x0.
 */
import { toPrediction } from "../denoiser.ts";
import { combine } from "../latents.ts";
import { sigmaOf } from "../noise-schedule.ts";
import type { Latents, NoiseLevel } from "../types.ts";

export interface Geometry {
  /** the derivative at `level` */
  direction(x: Latents, denoised: Latents, level: NoiseLevel): Latents;
  /** from `x` straight on along weighted directions */
  advance(
    x: Latents,
    from: NoiseLevel,
    to: NoiseLevel,
    directions: readonly (readonly [weight: number, direction: Latents])[],
  ): Latents;
}

export const exploding: Geometry = {
  direction: (x, denoised, level) => toPrediction("epsilon", denoised, x, level),
  advance(x, from, to, directions) {
    const distance = to.alpha * (sigmaOf(to) - sigmaOf(from));
    return combine([to.alpha / from.alpha, x], ...directions.map(([w, d]) => [w * distance, d] as const));
  },
};

export const flow: Geometry = {
  direction: (x, denoised, level) => toPrediction("flow_prediction", denoised, x, level),
  advance(x, from, to, directions) {
    const distance = to.sigma - from.sigma;
    return combine([1, x], ...directions.map(([w, d]) => [w * distance, d] as const));
  },
};
