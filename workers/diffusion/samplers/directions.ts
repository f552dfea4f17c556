/**
 * Straight moves: the two ordinary differential equations of this folder, each in the coordinates in which its
 * derivative is a prediction. Variance exploding: d(x / alpha) / d(sigma / alpha) = epsilon (Karras et al. 2022, eq. 1);
 * flow matching: dx / dsigma = noise - x0.
 */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { sigmaOf } from "../noise-schedule.ts";
import type { NoiseLevel } from "../types.ts";

export type Term = readonly [coefficient: number, latents: Tensor];

/** `weight * epsilon`, of an estimate of x0, as terms of a linear combination: nothing is rounded on the way. */
export const noiseTerms = (weight: number, x: Tensor, denoised: Tensor, { alpha, sigma }: NoiseLevel): Term[] => [
  [weight / sigma, x],
  [(-weight * alpha) / sigma, denoised],
];

/** `weight * (noise - x0)` in the same way. */
export const velocityTerms = (weight: number, x: Tensor, denoised: Tensor, { sigma }: NoiseLevel): Term[] => [
  [weight / sigma, x],
  [-weight / sigma, denoised],
];

/** Where the network was heard, and how much its direction counts. */
export interface Heard {
  readonly weight: number;
  readonly x: Tensor;
  readonly denoised: Tensor;
  readonly level: NoiseLevel;
}

/** From `x` straight on along the weighted directions. */
export type Advance = (x: Tensor, from: NoiseLevel, to: NoiseLevel, heard: readonly Heard[]) => Tensor;

export const advanceExploding: Advance = (x, from, to, heard) => {
  const distance = to.alpha * (sigmaOf(to) - sigmaOf(from));
  const terms = heard.flatMap((one) => noiseTerms(one.weight * distance, one.x, one.denoised, one.level));
  return combine([to.alpha / from.alpha, x], ...terms);
};

export const advanceFlow: Advance = (x, from, to, heard) => {
  const distance = to.sigma - from.sigma;
  return combine(
    [1, x],
    ...heard.flatMap((one) => velocityTerms(one.weight * distance, one.x, one.denoised, one.level)),
  );
};
