/**
 * DEIS: Zhang and Chen, "Fast Sampling of Diffusion Models with Exponential Integrator" (2023), the log-rho multistep
 * variant (tAB-DEIS): the noise is a polynomial in ln rho, rho = sigma / alpha, and is integrated exactly over rho.
 */
import { combine } from "../../tensor/arithmetic.ts";
import { resolveConfig, sigmaOf } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import { noiseTerms } from "./directions.ts";
import { checkOrder } from "./dpm-solver.ts";
import { orderAt } from "./dpm-solver-multistep.ts";
import { exponentialLevels, flowDefaults } from "./exponential-levels.ts";
import { sigmaDefaults } from "./sigma-levels.ts";
import { never, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  ...thresholdDefaults,
  timestep_spacing: "linspace",
  steps_offset: 0,
  ...flowDefaults,
  solver_order: 2,
  lower_order_final: true,
};

/** It has no final_sigmas_type: it always ends at the smallest sigma. */
const ENDING: SchedulerConfig = { final_sigmas_type: "sigma_min" };

export const deis: SamplerDefinition = {
  id: "deis",
  label: "DEIS",
  schedulerClass: "DEISMultistepScheduler",
  families: ["diffusion", "flow"],
  defaults,
  levels(given, steps, tokens) {
    const config = resolveConfig(defaults, given);
    checkOrder(config);
    return exponentialLevels({ ...config, ...ENDING }, steps, tokens, { smallest: "own", roundKarras: "always" });
  },
  initial: unitNoise,
  sample: stepwise(defaults, never, async ({ x, level, next, past, index, levels, config, denoise }) => {
    const denoised = await denoise(x, level);
    const order = Math.min(orderAt(index, levels.length - 1, config), past.length + 1);
    const known = [{ level, x, denoised }, ...past].slice(0, order);
    const logs = known.map((step) => Math.log(sigmaOf(step.level)));
    const terms = known.flatMap((step, k) => {
      const weight = next.alpha * integralOfBasis(logs, k, sigmaOf(level), sigmaOf(next));
      return noiseTerms(weight, step.x, step.denoised, step.level);
    });
    return { x: combine([next.alpha / level.alpha, x], ...terms), denoised };
  }),
};

/** The integral over rho, from ... to, of the k-th Lagrange polynomial of the knots in ln rho; up to three knots. */
function integralOfBasis(knots: readonly number[], k: number, from: number, to: number): number {
  const others = knots.filter((_, j) => j !== k);
  const scale = others.reduce((product, knot) => product * (knots[k] - knot), 1);
  const [c = 0, d = 0] = others;
  const antiderivative = (rho: number) => {
    const u = Math.log(rho);
    if (others.length === 0) return rho;
    if (others.length === 1) return rho * (u - 1 - c);
    return rho * (u * u - 2 * u + 2 - (c + d) * (u - 1) + c * d);
  };
  return (antiderivative(to) - antiderivative(from)) / scale;
}
