/**
 * DPM-Solver++, singlestep: Lu et al., "DPM-Solver++" (2022), Algorithm 1 and appendix. Steps come in groups of up to
 * three that all begin where the group began; each uses the estimates made so far inside its group.
 */

import { combine } from "../latents.ts";
import { lambdaOf, resolveConfig } from "../noise-schedule.ts";
import type { Latents, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import { checkOrder, integratorOf } from "./dpm-solver-multistep.ts";
import { exponentialLevels, flowDefaults } from "./exponential-levels.ts";
import { sigmaDefaults } from "./sigma-levels.ts";
import { never, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  ...flowDefaults,
  ...thresholdDefaults,
  solver_order: 2,
  solver_type: "midpoint",
  lower_order_final: false,
  final_sigmas_type: "zero",
  lambda_min_clipped: Number.NEGATIVE_INFINITY,
};

export const dpmSolverSinglestep: SamplerDefinition = {
  id: "dpmpp-2s",
  label: "DPM++ 2S",
  schedulerClass: "DPMSolverSinglestepScheduler",
  families: ["diffusion", "flow"],
  defaults,
  levels(given, steps) {
    const config = resolveConfig(defaults, given);
    checkOrder(config);
    return exponentialLevels({ ...config, timestep_spacing: "linspace" }, steps, {
      end: "config",
      roundKarras: "always",
    });
  },
  initial: unitNoise,
  sample: stepwise(defaults, never, async ({ x, level, next, past, index, levels, config, denoise }) => {
    const denoised = await denoise(x, level);
    const known = [{ level, x, denoised }, ...past];
    const order = Math.min(ordersOf(config, levels.length - 1)[index], known.length);
    const group = known.slice(0, order).reverse();
    const base = group[0];
    const h = lambdaOf(next) - lambdaOf(base.level);
    const { decay, weights } = integratorOf("dpmsolver++", base.level, next, h);
    const slopes = group.slice(1).map((step) => {
      const r = (lambdaOf(step.level) - lambdaOf(base.level)) / h;
      return { r, denoised: step.denoised };
    });
    const terms = derivativeTerms(weights, slopes, base.denoised, config.solver_type ?? "midpoint");
    return { x: combine([decay, base.x], [weights[0], base.denoised], ...terms), denoised };
  }),
};

/** `weights[1] * D1 + weights[2] * D2` as factors of the estimates; midpoint takes the slope to the newest alone. */
function derivativeTerms(
  weights: readonly number[],
  slopes: readonly { r: number; denoised: Latents }[],
  base: Latents,
  solverType: string,
): (readonly [number, Latents])[] {
  const slopeTerms = (factor: number, { r, denoised }: { r: number; denoised: Latents }) =>
    [
      [factor / r, denoised],
      [-factor / r, base],
    ] as const;
  if (slopes.length === 0) return [];
  if (slopes.length === 1) return [...slopeTerms(solverType === "midpoint" ? weights[0] / 2 : weights[1], slopes[0])];
  const [first, newest] = slopes;
  if (solverType === "midpoint") return [...slopeTerms(weights[1], newest)];
  // D1 = (r0 a - r1 b) / (r0 - r1), D2 = 2 (b - a) / (r0 - r1), with the slopes a to the first and b to the newest
  const span = newest.r - first.r;
  return [
    ...slopeTerms((weights[1] * newest.r - 2 * weights[2]) / span, first),
    ...slopeTerms((2 * weights[2] - weights[1] * first.r) / span, newest),
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
