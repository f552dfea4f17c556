/**
 * Linear multistep (Adams-Bashforth on uneven steps) in sigma, order 4: k-diffusion's sampler. The polynomial through
 * the last four derivatives is integrated exactly.
 */
import { sigmaOf } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults } from "./chain.ts";
import { advanceExploding } from "./directions.ts";
import { scaledNoise, sigmaDefaults, sigmaLevels } from "./sigma-levels.ts";
import { never, stepwise } from "./stepwise.ts";

const ORDER = 4;

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  timestep_spacing: "linspace",
  steps_offset: 0,
};

export const lms: SamplerDefinition = {
  id: "lms",
  label: "LMS",
  schedulerClass: "LMSDiscreteScheduler",
  families: ["diffusion"],
  defaults,
  levels: (config, steps) => sigmaLevels(defaults, config, steps),
  initial: (noise, levels, config) => scaledNoise(noise, levels, config.timestep_spacing ?? "linspace"),
  sample: stepwise(defaults, never, async ({ x, index, levels, level, next, past, takesOver, denoise }) => {
    const denoised = await denoise(x, level);
    const known = [{ level, x, denoised }, ...past].slice(0, ORDER);
    // Image-to-image weighs its first steps as if those that it leaves out had been made, as diffusers does.
    const order = takesOver ? known.length : Math.min(index + 1, ORDER);
    const sigmas = Array.from({ length: order }, (_, k) => sigmaOf(levels[index - k]));
    const heard = known.map((step, k) => ({ ...step, weight: meanOfBasis(sigmas, k, sigmaOf(level), sigmaOf(next)) }));
    return { x: advanceExploding(x, level, next, heard), denoised };
  }),
};

/** The mean over from ... to of the k-th Lagrange polynomial of the knots: two-point Gauss, exact to the third degree. */
function meanOfBasis(knots: readonly number[], k: number, from: number, to: number): number {
  const basis = (at: number) =>
    knots.reduce((product, knot, j) => (j === k ? product : (product * (at - knot)) / (knots[k] - knot)), 1);
  const middle = (from + to) / 2;
  const reach = (to - from) / (2 * Math.sqrt(3));
  return (basis(middle - reach) + basis(middle + reach)) / 2;
}
