/**
 * DPM-Solver and DPM-Solver++, multistep: Lu et al., "DPM-Solver" (2022) and "DPM-Solver++" (2022, section 4 and
 * appendices A to D). Exponential integrators in lambda = ln(alpha / sigma); the first integrates the estimate of the
 * noise, the second (and its stochastic variant) the estimate of x0, extrapolated from up to three steps.
 */
import { combine } from "../latents.ts";
import { lambdaOf, resolveConfig } from "../noise-schedule.ts";
import type { Latents, NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import { noiseTerms, type Term } from "./directions.ts";
import { exponentialLevels, flowDefaults } from "./exponential-levels.ts";
import { sigmaDefaults } from "./sigma-levels.ts";
import { always, never, stepwise } from "./stepwise.ts";

export type Algorithm = "dpmsolver" | "dpmsolver++" | "sde-dpmsolver" | "sde-dpmsolver++";

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

/** DPM-Solver's own default ends at the smallest sigma: at sigma 0 it divides by zero. */
export const dpmSolver = multistep("dpm-solver", "DPM-Solver 2M", "dpmsolver", "sigma_min");
export const dpmSolverPlusPlus = multistep("dpmpp-2m", "DPM++ 2M", "dpmsolver++", "zero");
export const dpmSolverSde = multistep("dpmpp-2m-sde", "DPM++ 2M SDE", "sde-dpmsolver++", "zero");

function multistep(id: string, label: string, algorithm: Algorithm, end: "zero" | "sigma_min"): SamplerDefinition {
  const stochastic = algorithm.startsWith("sde-");
  const defaults: SchedulerConfig = { ...sharedDefaults, final_sigmas_type: end };
  return {
    id,
    label,
    schedulerClass: "DPMSolverMultistepScheduler",
    families: stochastic || algorithm === "dpmsolver" ? ["diffusion"] : ["diffusion", "flow"],
    defaults,
    stochastic: () => stochastic,
    levels(given, steps) {
      const config = resolveConfig(defaults, given);
      check(config, algorithm);
      return exponentialLevels(config, steps, { end: "config", roundKarras: "unless cosine" });
    },
    initial: unitNoise,
    sample: stepwise(defaults, stochastic ? always : never, async (input) => {
      const { x, level, next, past, config, index, levels, denoise, noise } = input;
      const denoised = await denoise(x, level);
      const order = Math.min(orderAt(index, levels.length - 1, config), past.length + 1);
      const knots = [{ level, x, denoised }, ...past].slice(0, order).map((step) => ({
        lambda: lambdaOf(step.level),
        times: (weight: number): Term[] =>
          algorithm.endsWith("++") ? [[weight, step.denoised]] : noiseTerms(weight, step.x, step.denoised, step.level),
      }));
      const drawn = stochastic ? noise() : undefined;
      return { x: solve(algorithm, config.solver_type ?? "midpoint", x, level, next, knots, drawn), denoised };
    }),
  };
}

/** @throws Error on a combination that cannot be run */
function check(config: SchedulerConfig, algorithm: Algorithm): void {
  checkOrder(config);
  if (!algorithm.endsWith("++") && config.final_sigmas_type === "zero") {
    throw new Error("DPM-Solver cannot end at sigma 0; choose final_sigmas_type sigma_min, or DPM++.");
  }
}

/** @throws Error unless the solver order is 1, 2 or 3 */
export function checkOrder(config: SchedulerConfig): void {
  const order = config.solver_order ?? 2;
  if (order !== 1 && order !== 2 && order !== 3) throw new Error(`The solver order is ${order}; choose 1, 2 or 3.`);
}

/** The order that the end of a run allows: short runs are unstable with more. */
export function orderAt(index: number, steps: number, config: SchedulerConfig): number {
  const order = config.solver_order ?? 2;
  const short = config.lower_order_final !== false && steps < 15;
  if (index === steps - 1 && (config.euler_at_final || short || config.final_sigmas_type === "zero")) return 1;
  if (index === steps - 2 && short) return Math.min(order, 2);
  return order;
}

interface Knot {
  readonly lambda: number;
  /** a multiple of what the integrator holds to be a polynomial in lambda: x0, or the noise */
  times(weight: number): Term[];
}

/** One step through the knots, newest first: as many as the order. */
function solve(
  algorithm: Algorithm,
  solverType: string,
  x: Latents,
  from: NoiseLevel,
  to: NoiseLevel,
  knots: readonly Knot[],
  noise: Latents | undefined,
): Latents {
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

/**
 * The factors of x, of the model's derivatives (in units of h^k / k!-free divided differences: D0, D1, D2 of
 * DPM-Solver++, appendix B) and of the noise.
 */
export function integratorOf(algorithm: Algorithm, from: NoiseLevel, to: NoiseLevel, h: number) {
  switch (algorithm) {
    case "dpmsolver++": {
      const e = Math.expm1(-h);
      return {
        decay: to.sigma / from.sigma,
        weights: [-to.alpha * e, to.alpha * (e / h + 1), -to.alpha * ((e + h) / h ** 2 - 0.5)],
        spread: 0,
      };
    }
    case "dpmsolver": {
      const e = Math.expm1(h);
      return {
        decay: to.alpha / from.alpha,
        weights: [-to.sigma * e, -to.sigma * (e / h - 1), -to.sigma * ((e - h) / h ** 2 - 0.5)],
        spread: 0,
      };
    }
    case "sde-dpmsolver++": {
      const e = Math.expm1(-2 * h);
      return {
        decay: (to.sigma / from.sigma) * Math.exp(-h),
        weights: [-to.alpha * e, to.alpha * (e / (2 * h) + 1), to.alpha * ((-e - 2 * h) / (2 * h) ** 2 - 0.5)],
        spread: to.sigma * Math.sqrt(-e),
      };
    }
    case "sde-dpmsolver": {
      const e = Math.expm1(h);
      return {
        decay: to.alpha / from.alpha,
        weights: [-2 * to.sigma * e, -2 * to.sigma * (e / h - 1), 0],
        spread: to.sigma * Math.sqrt(Math.expm1(2 * h)),
      };
    }
  }
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
