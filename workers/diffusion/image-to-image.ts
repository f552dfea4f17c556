import { combine } from "../tensor/arithmetic.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { NoiseLevel } from "./types.ts";

/**
 * The step at which image-to-image begins: strength 1 begins at 0, strength 0 at `steps`, which runs none.
 * @throws Error unless 0 <= strength <= 1
 */
export function startIndex(steps: number, strength: number): number {
  checkStrength(strength);
  const done = Math.min(Math.trunc(steps * strength), steps);
  return Math.max(steps - done, 0);
}

/** `alpha * x0 + sigma * noise`: clean latents brought to a noise level. */
export function addNoise(x0: Tensor, noise: Tensor, level: NoiseLevel): Tensor {
  return combine([level.alpha, x0], [level.sigma, noise]);
}

/** The same for flow matching, where diffusers rounds what is left out instead of what is run. */
export function flowStartIndex(steps: number, strength: number): number {
  checkStrength(strength);
  return Math.trunc(Math.max(steps - Math.min(steps * strength, steps), 0));
}

function checkStrength(strength: number): void {
  if (!(strength >= 0 && strength <= 1)) {
    throw new Error(`The strength is ${strength}; choose a number from 0 to 1.`);
  }
}
