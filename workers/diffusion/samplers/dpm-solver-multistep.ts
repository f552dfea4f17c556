/**
 * DPM-Solver and DPM-Solver++, multistep: Lu et al., "DPM-Solver" (2022) and "DPM-Solver++" (2022, section 4 and
 * appendices A to D). Exponential integrators in lambda = ln(alpha / sigma); the first integrates the estimate of the
 * noise, the second (and its stochastic variant) the estimate of x0, extrapolated from up to three steps.
 */

import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { lambdaOf, resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import type { Term } from "./directions.ts";
import {
  type Algorithm,
  checkSolver,
  endingOf,
  estimatesX0,
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
  rescale_betas_zero_snr: false,
  use_lu_lambdas: false,
  timestep_spacing: "linspace",
  steps_offset: 0,
  solver_order: 2,
  solver_type: "midpoint",
  lower_order_final: true,
  euler_at_final: false,
  lambda_min_clipped: Number.NEGATIVE_INFINITY,
  sigma_min: null,
  sigma_max: null,
};

export const dpmSolver = multistep("dpm-solver", "DPM-Solver 2M", "dpmsolver");
export const dpmSolverSde = multistep("dpm-solver-sde", "DPM-Solver 2M SDE", "sde-dpmsolver");
export const dpmSolverPlusPlus = multistep("dpmpp-2m", "DPM++ 2M", "dpmsolver++");
export const dpmSolverPlusPlusSde = multistep("dpmpp-2m-sde", "DPM++ 2M SDE", "sde-dpmsolver++");

function multistep(id: string, label: string, algorithm: Algorithm): SamplerDefinition {
  const stochastic = isStochastic(algorithm);
  const defaults: SchedulerConfig = { ...sharedDefaults, final_sigmas_type: endingOf(algorithm) };
  return {
    id,
    label,
    schedulerClass: "DPMSolverMultistepScheduler",
    algorithm,
    families: estimatesX0(algorithm) ? ["diffusion", "flow"] : ["diffusion"],
    defaults,
    stochastic: () => stochastic,
    levels(given, steps, tokens) {
      const config = resolveConfig(defaults, given);
      checkSolver(config, algorithm);
      return exponentialLevels(config, steps, tokens, { smallest: "trained", roundKarras: "unless cosine" });
    },
    initial: unitNoise,
    sample: stepwise(defaults, stochastic ? always : never, async (input) => {
      const { x, level, next, past, config, index, levels, denoise, noise } = input;
      const denoised = await denoise(x, level);
      const order = Math.min(orderAt(index, levels.length - 1, config), past.length + 1);
      const knots = [{ level, x, denoised }, ...past].slice(0, order).map((step) => knotOf(algorithm, step));
      const drawn = stochastic ? noise() : undefined;
      return { x: solve(algorithm, config.solver_type ?? "midpoint", x, level, next, knots, drawn), denoised };
    }),
  };
}

/** As in diffusers, higher orders are read as the third. */
const HIGHEST_ORDER = 3;

/** The order that the end of a run allows: short runs are unstable with more. */
export function orderAt(index: number, steps: number, config: SchedulerConfig): number {
  const order = Math.min(config.solver_order ?? 2, HIGHEST_ORDER);
  const short = config.lower_order_final !== false && steps < 15;
  if (index === steps - 1 && (config.euler_at_final || short || config.final_sigmas_type === "zero")) return 1;
  if (index === steps - 2 && short) return Math.min(order, 2);
  return order;
}

/** One step through the knots, newest first: as many as the order. */
function solve(
  algorithm: Algorithm,
  solverType: string,
  x: Tensor,
  from: NoiseLevel,
  to: NoiseLevel,
  knots: readonly Knot[],
  noise: Tensor | undefined,
): Tensor {
  const h = lambdaOf(to) - knots[0].lambda;
  if (h === 0) return x;
  const { decay, weights, spread } = integratorOf(algorithm, from, to, h);
  const [constant, slope, curvature] =
    knots.length === 2 && solverType === "midpoint" ? [weights[0], weights[0] / 2, 0] : weights;
  const terms: Term[] = [[decay, x]];
  terms.push(...differences(knots, h, constant, slope, curvature));
  if (noise) terms.push([spread, noise]);
  return combine(...terms);
}

/** `constant * D0 + slope * D1 + curvature * D2` as terms of the knots' models. */
function differences(knots: readonly Knot[], h: number, constant: number, slope: number, curvature: number): Term[] {
  const [m0, m1, m2] = knots;
  if (!m1) return m0.times(constant);
  const r0 = (m0.lambda - m1.lambda) / h;
  if (!m2) return [...m0.times(constant + slope / r0), ...m1.times(-slope / r0)];
  const r1 = (m1.lambda - m2.lambda) / h;
  // D1 = a + (a - b) r0 / (r0 + r1), D2 = (a - b) / (r0 + r1), with a = (m0 - m1) / r0, b = (m1 - m2) / r1
  const bend = (slope * r0 + curvature) / (r0 + r1);
  const a = (slope + bend) / r0;
  const b = -bend / r1;
  return [...m0.times(constant + a), ...m1.times(b - a), ...m2.times(-b)];
}
