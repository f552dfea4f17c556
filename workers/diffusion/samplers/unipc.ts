/**
 * UniPC: Zhao et al., "UniPC: A Unified Predictor-Corrector Framework" (2023), Algorithms 5 to 8, with B(h) = h (bh1)
 * or exp(h) - 1 (bh2). When the network has been heard at a new point, the corrector first moves that point, then the
 * predictor goes on from there; this costs no further call of the network.
 */

import { combine } from "../../tensor/arithmetic.ts";
import { solve } from "../../tensor/linear-system.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { toPrediction } from "../denoiser.ts";
import { lambdaOf, resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../types.ts";
import { betaDefaults, thresholdDefaults, unitNoise } from "./chain.ts";
import { checkOrder } from "./dpm-solver.ts";
import { exponentialLevels, flowDefaults, unifiedFlowLevels } from "./exponential-levels.ts";
import { sigmaDefaults } from "./sigma-levels.ts";
import { never, type PastStep, type StepState, stepwise } from "./stepwise.ts";

const defaults: SchedulerConfig = {
  ...betaDefaults,
  ...sigmaDefaults,
  ...flowDefaults,
  ...thresholdDefaults,
  rescale_betas_zero_snr: false,
  timestep_spacing: "linspace",
  steps_offset: 0,
  solver_order: 2,
  solver_type: "bh2",
  predict_x0: true,
  lower_order_final: true,
  disable_corrector: [],
  final_sigmas_type: "zero",
  sigma_min: null,
  sigma_max: null,
  shift_terminal: null,
};

/** As many of the estimates before as a step can look back on. */
const HIGHEST_ORDER = 4;

export const unipc: SamplerDefinition = {
  id: "unipc",
  label: "UniPC",
  schedulerClass: "UniPCMultistepScheduler",
  families: ["diffusion", "flow"],
  defaults,
  levels(given, steps, tokens) {
    const config = resolveConfig(defaults, given);
    checkOrder(config, HIGHEST_ORDER);
    if (config.shift_terminal && !config.use_flow_sigmas) {
      throw new Error("UniPC has a shift_terminal only with use_flow_sigmas; choose another sampler.");
    }
    const endsHigh = config.lower_order_final === false && Math.min(config.solver_order ?? 2, steps) > 1;
    if (config.final_sigmas_type === "zero" && (endsHigh || !config.predict_x0)) {
      throw new Error("UniPC ends at sigma 0 only with lower_order_final and predict_x0; choose sigma_min otherwise.");
    }
    if (config.use_flow_sigmas) return unifiedFlowLevels(config, steps, tokens);
    return exponentialLevels(config, steps, tokens, { smallest: "own", roundKarras: "always" });
  },
  initial: unitNoise,
  sample: stepwise(
    defaults,
    never,
    async (input) => {
      const { x, level, next, past, config, denoise, denoiseFreely } = input;
      // what predicts the noise is not thresholded, as in diffusers
      const denoised = await (config.predict_x0 === false ? denoiseFreely : denoise)(x, level);
      const origin = correct(input, denoised);
      const known = [{ level, x, denoised, origin }, ...past].slice(0, orderOf(input, 0));
      const { terms, weigh } = prepare(known, next, config);
      const rho = weigh("predictor");
      return { x: terms(rho.map((weight, k) => [weight, k + 1])), denoised };
    },
    correct,
  ),
};

/** The order of the step `ago` steps before this one. */
function orderOf({ index, levels, past, config }: StepState, ago: number): number {
  const order = config.solver_order ?? 2;
  const left = levels.length - 1 - (index - ago);
  return Math.min(config.lower_order_final ? Math.min(order, left) : order, past.length - ago + 1);
}

/** The corrector (Algorithm 5): the last step once more, now with the estimate at its end. */
function correct(state: StepState, denoised: Tensor): Tensor {
  const { index, level, x, past, config } = state;
  if (past.length === 0 || config.disable_corrector?.includes(index - 1)) return x;
  const known = past.slice(0, orderOf(state, 1));
  const { terms, weigh } = prepare(known, level, config, { level, x, denoised, origin: x });
  const rho = weigh("corrector");
  const arrival = known.length;
  return terms(rho.map((weight, k) => [weight, k === rho.length - 1 ? arrival : k + 1]));
}

/**
 * One exponential integration step from `known[0].origin` to a level. `terms` takes weights of the differences to the
 * estimates 1, 2, ... of `known` (and of the arrival, when there is one, as the last).
 */
function prepare(known: readonly PastStep[], to: NoiseLevel, config: SchedulerConfig, arrival?: PastStep) {
  const dataPrediction = config.predict_x0 !== false;
  const steps = arrival ? [...known, arrival] : known;
  const models = steps.map((step) =>
    dataPrediction ? step.denoised : toPrediction("epsilon", step.denoised, step.x, step.level),
  );
  const from = known[0].level;
  const h = lambdaOf(to) - lambdaOf(from);
  const signed = dataPrediction ? -h : h;
  const phi = Math.expm1(signed);
  const scale = dataPrediction ? to.alpha : to.sigma;
  const decay = dataPrediction ? to.sigma / from.sigma : to.alpha / from.alpha;
  const b = config.solver_type === "bh1" ? signed : phi;
  const ratios = known.slice(1).map((step) => (lambdaOf(step.level) - lambdaOf(from)) / h);
  const ratioOf = (k: number) => (k === known.length ? 1 : ratios[k - 1]);

  const terms = (weighted: readonly (readonly [weight: number, k: number])[]): Tensor => {
    if (h === 0) return known[0].origin;
    const differences = weighted.map(([weight, k]) => ({ k, factor: (-scale * b * weight) / ratioOf(k) }));
    const sum = differences.reduce((total, { factor }) => total + factor, 0);
    return combine(
      [decay, known[0].origin],
      [-scale * phi - sum, models[0]],
      ...differences.map(({ factor, k }) => [factor, models[k]] as const),
    );
  };

  /** The weights rho that match the orders (eq. 10): solve R rho = g / B; order 2's predictor and order 1's corrector take 1/2. */
  const weigh = (part: "predictor" | "corrector"): number[] => {
    const order = known.length;
    if (part === "predictor" && order === 1) return [];
    if ((part === "predictor" && order === 2) || (part === "corrector" && order === 1)) return [0.5];
    const size = part === "predictor" ? order - 1 : order;
    const nodes = [...ratios, 1];
    const matrix: number[][] = [];
    const right: number[][] = [];
    let g = phi / signed - 1;
    let factorial = 1;
    for (let i = 1; i <= size; i++) {
      matrix.push(nodes.slice(0, size).map((node) => node ** (i - 1)));
      right.push([(g * factorial) / b]);
      factorial *= i + 1;
      g = g / signed - 1 / factorial;
    }
    return solve(matrix, right).flat();
  };

  return { terms, weigh };
}
