/**
 * What the DPM-Solvers share, multistep and singlestep: the exponential integrators of Lu et al., "DPM-Solver" (2022) and
 * "DPM-Solver++" (2022), in lambda = ln(alpha / sigma). The first integrates the estimate of the noise, the second the estimate of x0;
 * each has a stochastic variant.
 */
import { lambdaOf } from "../noise-schedule.ts";
import type { NoiseLevel, SchedulerConfig } from "../types.ts";
import { noiseTerms, type Term } from "./directions.ts";
import type { PastStep } from "./stepwise.ts";

export type Algorithm = "dpmsolver" | "dpmsolver++" | "sde-dpmsolver" | "sde-dpmsolver++";

export const isStochastic = (algorithm: Algorithm): boolean => algorithm.startsWith("sde-");

/** whether the integrator holds x0 to be a polynomial in lambda, or the noise */
export const estimatesX0 = (algorithm: Algorithm): boolean => algorithm.endsWith("++");

/** What integrates the noise ends at the smallest sigma unless the config says otherwise: at sigma 0 it divides by zero. */
export const endingOf = (algorithm: Algorithm): "zero" | "sigma_min" => (estimatesX0(algorithm) ? "zero" : "sigma_min");

/** @throws Error on a combination that cannot be run */
export function checkSolver(config: SchedulerConfig, algorithm: Algorithm): void {
  checkOrder(config);
  if (!estimatesX0(algorithm) && config.final_sigmas_type === "zero") {
    throw new Error("DPM-Solver cannot end at sigma 0; choose final_sigmas_type sigma_min, or DPM++.");
  }
  if (algorithm === "sde-dpmsolver" && (config.solver_order ?? 2) > 2) {
    throw new Error("DPM-Solver SDE has no third order; choose solver_order 1 or 2, or DPM++ SDE.");
  }
}

/** @throws Error unless the solver order is a whole number from 1 to `highest` */
export function checkOrder(config: SchedulerConfig, highest = Number.POSITIVE_INFINITY): void {
  const order = config.solver_order ?? 2;
  if (Number.isInteger(order) && order >= 1 && order <= highest) return;
  throw new Error(
    Number.isFinite(highest)
      ? `The solver order is ${order}; choose a whole number from 1 to ${highest}.`
      : `The solver order is ${order}; choose 1, 2 or 3.`,
  );
}

/** What was estimated at a step, as the integrator reads it. */
export interface Knot {
  readonly lambda: number;
  /** a multiple of what the integrator holds to be a polynomial in lambda: x0, or the noise */
  times(weight: number): Term[];
}

export function knotOf(algorithm: Algorithm, step: Pick<PastStep, "level" | "x" | "denoised">): Knot {
  return {
    lambda: lambdaOf(step.level),
    times: (weight) =>
      estimatesX0(algorithm) ? [[weight, step.denoised]] : noiseTerms(weight, step.x, step.denoised, step.level),
  };
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
