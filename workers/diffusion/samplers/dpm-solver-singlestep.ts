/**
 * DPM-Solver and DPM-Solver++, singlestep: Lu et al., "DPM-Solver" (2022), Algorithms 1 and 2, and "DPM-Solver++" (2022), Algorithm 1
 * and appendix. Steps come in groups of up to three that all begin where the group began; each uses the estimates made so far inside
 * its group.
 */

import { combine } from "../../tensor/arithmetic.ts";
import { lambdaOf, resolveConfig } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import type { Term } from "./directions.ts";
import {
  type Algorithm,
  checkOrder,
  checkSolver,
  endingOf,
  integratorOf,
  isStochastic,
  type Knot,
  knotOf,
} from "./dpm-solver.ts";
import { exponentialLevels, flowDefaults } from "./exponential-levels.ts";
import { sigmaDefaults } from "./sigma-levels.ts";
import { always, never, stepwise } from "./stepwise.ts";

const sharedDefaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  ...flowDefaults,
  ...thresholdDefaults,
  solver_order: 2,
  solver_type: "midpoint",
  lower_order_final: false,
  lambda_min_clipped: Number.NEGATIVE_INFINITY,
};

export const dpmSolverSinglestep = singlestep("dpm-solver-2s", "DPM-Solver 2S", "dpmsolver");
export const dpmSolverPlusPlusSinglestep = singlestep("dpmpp-2s", "DPM++ 2S", "dpmsolver++");
export const dpmSolverPlusPlusSinglestepSde = singlestep("dpmpp-2s-sde", "DPM++ 2S SDE", "sde-dpmsolver++");

function singlestep(id: string, label: string, algorithm: Algorithm): SamplerDefinition {
  const stochastic = isStochastic(algorithm);
  const defaults: SchedulerConfig = { ...sharedDefaults, final_sigmas_type: endingOf(algorithm) };
  return {
    id,
    label,
    schedulerClass: "DPMSolverSinglestepScheduler",
    algorithm,
    families: algorithm === "dpmsolver" ? ["diffusion"] : ["diffusion", "flow"],
    defaults,
    stochastic: () => stochastic,
    levels(given, steps, tokens) {
      const config = resolveConfig(defaults, given);
      checkSolver(config, algorithm);
      checkOrder(config, 3);
      return exponentialLevels({ ...config, timestep_spacing: "linspace" }, steps, tokens, {
        smallest: "trained",
        roundKarras: "always",
      });
    },
    initial: unitNoise,
    sample: stepwise(defaults, stochastic ? always : never, async (input) => {
      const { x, level, next, past, index, levels, config, denoise, noise } = input;
      const denoised = await denoise(x, level);
      const known = [{ level, x, denoised }, ...past];
      const order = Math.min(ordersOf(config, levels.length - 1)[index], known.length);
      const group = known.slice(0, order).reverse();
      const base = group[0];
      const h = lambdaOf(next) - lambdaOf(base.level);
      const { decay, weights, spread } = integratorOf(algorithm, base.level, next, h);
      const knots = group.map((step) => knotOf(algorithm, step));
      const terms = derivativeTerms(weights, h, knots, config.solver_type ?? "midpoint");
      if (stochastic) terms.push([spread, noise()]);
      return { x: combine([decay, base.x], ...knots[0].times(weights[0]), ...terms), denoised };
    }),
  };
}

/** `weights[1] * D1 + weights[2] * D2` as terms of the knots' models; midpoint takes the slope to the newest alone. */
function derivativeTerms(weights: readonly number[], h: number, knots: readonly Knot[], solverType: string): Term[] {
  const [base, ...later] = knots;
  const slopes = later.map((knot) => {
    const r = (knot.lambda - base.lambda) / h;
    return { r, times: (factor: number): Term[] => [...knot.times(factor / r), ...base.times(-factor / r)] };
  });
  if (slopes.length === 0) return [];
  if (slopes.length === 1) return slopes[0].times(solverType === "midpoint" ? weights[0] / 2 : weights[1]);
  const [first, newest] = slopes;
  if (solverType === "midpoint") return newest.times(weights[1]);
  // D1 = (r0 a - r1 b) / (r0 - r1), D2 = 2 (b - a) / (r0 - r1), with the slopes a to the first and b to the newest
  const span = newest.r - first.r;
  return [
    ...first.times((weights[1] * newest.r - 2 * weights[2]) / span),
    ...newest.times((2 * weights[2] - weights[1] * first.r) / span),
  ];
}

/** The order of each step: groups of 1, 2, ... and lower ones for what is left over at the end. */
function ordersOf(config: SchedulerConfig, steps: number): number[] {
  const order = config.solver_order ?? 2;
  const endsClean = config.final_sigmas_type === "zero";
  const groups = Array.from({ length: steps }, (_, i) => (i % order) + 1);
  if (config.lower_order_final || endsClean || steps % order !== 0) {
    if (order === 3 && steps % 3 === 0) groups[steps - 1] = 1;
    if (order === 2 && steps % 2 === 0) groups[steps - 1] = 1;
  }
  if (endsClean) groups[steps - 1] = 1;
  return groups;
}
