/**
 * Against exact solutions. For data ~ N(0, s^2) the ideal estimate of x0 is alpha s^2 x / (alpha^2 s^2 + sigma^2), and
 * the probability flow keeps x / sqrt(alpha^2 s^2 + sigma^2) constant: x scales with its standard deviation.
 */

import { describe, expect, test } from "vitest";
import type { Tensor } from "../tensor/tensor.ts";
import { fromPrediction, limitDenoised, toPrediction } from "./denoiser.ts";
import { guide, rescaleGuided } from "./guidance.ts";
import { addNoise } from "./image-to-image.ts";
import { levelOfSigma } from "./noise-schedule.ts";
import { normalTensor, torchGenerator } from "./random.ts";
import { findSampler, samplers } from "./samplers/registry.ts";
import { relativeDifference } from "./testing/golden.ts";
import type { Denoise, NoiseLevel, PredictionType, SamplerDefinition, SamplerStep, SchedulerConfig } from "./types.ts";

const DATA = 0.8;
const STOCHASTIC = new Set([
  "ddpm",
  "euler-ancestral",
  "kdpm2-ancestral",
  "dpmpp-2m-sde",
  "dpmpp-2s-sde",
  "dpm-solver-sde",
  "dpmpp-sde",
]);
const DARKROOM: SchedulerConfig = {
  beta_schedule: "scaled_linear",
  beta_start: 0.0015,
  beta_end: 0.0195,
  timestep_spacing: "trailing",
};

const deviation = ({ alpha, sigma }: NoiseLevel) => Math.hypot(alpha * DATA, sigma);

const ideal: Denoise = async ({ data, dims }, level) => {
  const gain = (level.alpha * DATA ** 2) / deviation(level) ** 2;
  return { dims, data: data.map((value) => value * gain) };
};

/** The states of a run from `x` on: entry i is at `levels[i]`. */
async function states(
  sampler: SamplerDefinition,
  levels: readonly NoiseLevel[],
  config: SchedulerConfig,
  denoise: Denoise,
  x: Tensor,
  extra: { eta?: number; history?: readonly SamplerStep[] } = {},
): Promise<Tensor[]> {
  const generator = torchGenerator(99);
  const noise = () => normalTensor(generator, x.dims);
  const options = { config, signal: new AbortController().signal, ...extra };
  const found = [x, ...(extra.history ?? []).map((step) => step.x)];
  for await (const step of sampler.sample(denoise, x, levels, noise, options)) found.push(step.x);
  return found;
}

/** Levels between two sigmas, evenly spaced in ln sigma: what is measured is the method, not a spacing. */
const evenLevels = (intervals: number): NoiseLevel[] =>
  Array.from({ length: intervals + 1 }, (_, i) => levelOfSigma(0, 5 * (0.3 / 5) ** (i / intervals)));

const evenFlowLevels = (intervals: number): NoiseLevel[] =>
  Array.from({ length: intervals + 1 }, (_, i) => {
    const sigma = 0.9 - (0.7 * i) / intervals;
    return { timestep: 1000 * sigma, alpha: 1 - sigma, sigma };
  });

const relativeError = (x: Tensor, first: NoiseLevel, level: NoiseLevel) =>
  Math.abs((x.data[0] * deviation(first)) / deviation(level) - 1);

/** The steps of a run that is exact so far: a multistep method's full order shows only from such a start. */
async function exactSteps(levels: readonly NoiseLevel[], count: number): Promise<SamplerStep[]> {
  const exact = (i: number): Tensor => ({
    ...unit(),
    data: Float32Array.of(deviation(levels[i]) / deviation(levels[0])),
  });
  const signal = new AbortController().signal;
  const steps: SamplerStep[] = [];
  for (let index = 0; index < count; index++) {
    const denoised = await ideal(exact(index), levels[index], index, signal);
    steps.push({ index, level: levels[index], x: exact(index + 1), denoised });
  }
  return steps;
}

const unit = (): Tensor => ({ data: Float32Array.of(1), dims: [1, 1, 1, 1] });

describe("the error falls with the order when steps double", () => {
  const open: SchedulerConfig = { final_sigmas_type: "sigma_min", lower_order_final: false };

  // The order p of error ~ steps^-p, and how many exact steps the run begins with: a multistep method that starts
  // with a step of Euler's stays at order 2. Of the multistep DPM-Solver, order 3 as published halves its last term.
  test.each<[string, number, SchedulerConfig, number?]>([
    ["euler", 1, {}],
    ["heun", 2, {}],
    ["kdpm2", 2, {}],
    ["lms", 2, {}],
    ["lms", 4, {}, 3],
    ["dpm-solver", 1, { solver_order: 1 }],
    ["dpm-solver", 2, { solver_order: 2 }],
    ["dpm-solver", 2, { solver_order: 3 }],
    ["dpmpp-2m", 1, { solver_order: 1 }],
    ["dpmpp-2m", 2, { solver_order: 2 }],
    ["dpmpp-2m", 2, { solver_order: 2, solver_type: "heun" }],
    ["dpmpp-2m", 2, { solver_order: 3 }],
    ["dpmpp-2s", 1, { solver_order: 1 }],
    ["dpmpp-2s", 2, { solver_order: 2 }],
    ["dpmpp-2s", 3, { solver_order: 3, solver_type: "heun" }],
    ["dpm-solver-2s", 1, { solver_order: 1 }],
    ["dpm-solver-2s", 2, { solver_order: 2 }],
    ["dpm-solver-2s", 3, { solver_order: 3, solver_type: "heun" }],
    ["deis", 1, { solver_order: 1 }],
    ["deis", 2, { solver_order: 2 }],
    ["deis", 2, { solver_order: 3 }],
    ["deis", 3, { solver_order: 3 }, 2],
    ["unipc", 1, { solver_order: 1 }],
    ["unipc", 2, { solver_order: 2 }],
    ["unipc", 3, { solver_order: 3 }],
    ["flow-euler", 1, {}],
    ["flow-heun", 2, {}],
  ])("%s: order %d with %o", async (id, order, extra, exact = 0) => {
    const sampler = findSampler(id);
    const errors: number[] = [];
    for (const intervals of id === "dpmpp-2m" ? FINE_INTERVALS : exact > 0 ? HIGH_ORDER_INTERVALS : INTERVALS) {
      const levels = id.startsWith("flow") ? evenFlowLevels(intervals) : evenLevels(intervals);
      const found = await states(sampler, levels, { ...open, ...extra }, ideal, unit(), {
        history: await exactSteps(levels, exact),
      });
      errors.push(relativeError(found[intervals], levels[0], levels[intervals]));
    }
    for (const one of observedOrders(errors)) expect(one, errors.join(" ")).toBeGreaterThan(order - 0.3);
  });

  // These walk the training timesteps. They are measured at timestep 200, well before the noise runs out.
  test.each<[string, number, SchedulerConfig]>([
    ["ddim", 1, {}],
    ["pndm", 2, { skip_prk_steps: true }],
    ["pndm", 2, { skip_prk_steps: false }],
  ])("%s: order %d with %o", async (id, order, extra) => {
    const sampler = findSampler(id);
    const config = {
      ...DARKROOM,
      timestep_spacing: "leading",
      clip_sample: false,
      prediction_type: "epsilon",
      ...extra,
    };
    const errors: number[] = [];
    for (const steps of [25, 50, 100]) {
      const levels = sampler.levels(config, steps);
      const found = await states(sampler, levels, config, ideal, unit());
      const at = levels.findIndex(({ timestep }) => timestep === 200);
      errors.push(relativeError(found[at], levels[0], levels[at]));
    }
    for (const one of observedOrders(errors)) expect(one, errors.join(" ")).toBeGreaterThan(order - 0.3);
  });
});

const INTERVALS = [12, 24, 48];
/** for DPM++ 2M, whose error changes its sign between 12 and 24 */
const FINE_INTERVALS = [40, 80, 160];
/** fine enough for the order to show, coarse enough that float32 does not hide it */
const HIGH_ORDER_INTERVALS = [40, 80];

const observedOrders = (errors: readonly number[]): number[] =>
  errors.slice(1).map((error, i) => Math.log2(errors[i] / error));

describe("flat cases: all data is one point", () => {
  const point: Denoise = async ({ data, dims }) => ({ dims, data: data.map(() => 0.37) });
  const deterministic = samplers.filter(({ id }) => !STOCHASTIC.has(id) && id !== "lcm" && id !== "tcd");

  test.each(deterministic.map(({ id }) => id))("%s follows the straight line exactly", async (id) => {
    const sampler = findSampler(id);
    // "leading": with other spacings DDIM and PLMS land beside the next timestep, as diffusers' do.
    const config = id.startsWith("flow")
      ? {}
      : { ...DARKROOM, timestep_spacing: "leading", clip_sample: false, skip_prk_steps: true };
    const levels = sampler.levels(config, 11);
    const noise = normalTensor(torchGenerator(1), [1, 4, 4, 4]);
    const at = ({ alpha, sigma }: NoiseLevel) => noise.data.map((value) => alpha * 0.37 + sigma * value);
    const found = await states(sampler, levels, config, point, { data: at(levels[0]), dims: noise.dims });
    found.forEach((x, i) => {
      expect(relativeDifference(x.data, at(levels[i])), `level ${i}`).toBeLessThan(3e-6);
    });
  });

  // A step of DPM-Solver SDE multiplies the noise that it finds by 2 - exp(h) and adds as much: it knows the distribution, not the point.
  const reaching = samplers.filter(({ id }) => id !== "dpm-solver-sde");
  test.each(reaching.map(({ id }) => id))("%s ends at the point", async (id) => {
    const sampler = findSampler(id);
    const config = id.startsWith("flow") ? {} : DARKROOM;
    const levels = sampler.levels(config, 9);
    const noise = normalTensor(torchGenerator(2), [1, 4, 4, 4]);
    const found = await states(sampler, levels, config, point, sampler.initial(noise, levels, config));
    const end = levels[levels.length - 1];
    const last = found[found.length - 1];
    // Where a run ends at the smallest trained sigma, that much noise is left.
    for (const value of last.data) expect(Math.abs(value - end.alpha * 0.37)).toBeLessThanOrEqual(5 * end.sigma + 1e-5);
  });
});

describe("stochastic samplers keep the distribution", () => {
  test.each<[string, number]>([
    ["ddpm", 0],
    ["ddim", 1],
    ["ddim", 0.5],
    ["euler-ancestral", 0],
    ["kdpm2-ancestral", 0],
    ["dpmpp-2m-sde", 0],
    ["dpmpp-2s-sde", 0],
    ["dpm-solver-sde", 0],
    ["dpmpp-sde", 0],
  ])("%s, eta %d: data of deviation 0.8 comes out", async (id, eta) => {
    const sampler = findSampler(id);
    const config = { ...DARKROOM, clip_sample: false };
    const levels = sampler.levels(config, 400);
    const x = sampler.initial(normalTensor(torchGenerator(3), [1, 4, 64, 64]), levels, config);
    const found = await states(sampler, levels, config, ideal, x, { eta });
    const { data } = found[found.length - 1];
    const variance = data.reduce((sum, value) => sum + value * value, 0) / data.length;
    const expected = deviation(levels[levels.length - 1]);
    expect(Math.abs(Math.sqrt(variance) / expected - 1)).toBeLessThan(0.03);
  });
});

describe("predictions", () => {
  const dims = [1, 1, 2, 2] as const;
  const x0: Tensor = { dims, data: Float32Array.of(0.5, -1.25, 2, 0.125) };
  const noise: Tensor = { dims, data: Float32Array.of(-0.75, 0.5, 1, -2) };

  test.each<[PredictionType, NoiseLevel, (i: number) => number]>([
    ["epsilon", { timestep: 1, alpha: 0.6, sigma: 0.8 }, (i) => noise.data[i]],
    ["sample", { timestep: 1, alpha: 0.6, sigma: 0.8 }, (i) => x0.data[i]],
    ["v_prediction", { timestep: 1, alpha: 0.6, sigma: 0.8 }, (i) => 0.6 * noise.data[i] - 0.8 * x0.data[i]],
    ["v_prediction", { timestep: 1, alpha: 0, sigma: 1 }, (i) => -x0.data[i]],
    ["flow_prediction", { timestep: 1, alpha: 0.25, sigma: 0.75 }, (i) => noise.data[i] - x0.data[i]],
  ])("%s at %o, there and back", (type, level, expected) => {
    const x = addNoise(x0, noise, level);
    const prediction: Tensor = { dims, data: Float32Array.from(x0.data, (_, i) => expected(i)) };
    expect(relativeDifference(fromPrediction(type, prediction, x, level).data, x0.data)).toBeLessThan(1e-6);
    expect(relativeDifference(toPrediction(type, x0, x, level).data, prediction.data)).toBeLessThan(1e-6);
  });

  test("epsilon from pure noise is refused", () => {
    expect(() => fromPrediction("epsilon", noise, noise, { timestep: 1000, alpha: 0, sigma: 1 })).toThrow(
      "A model that predicts epsilon cannot begin at zero signal; choose a v_prediction model.",
    );
  });

  test("clipping and dynamic thresholding", () => {
    expect([...limitDenoised(x0, { clip_sample: true, clip_sample_range: 1 }).data]).toEqual([0.5, -1, 1, 0.125]);
    expect(limitDenoised(x0, {})).toBe(x0);
    // |x0| sorted: 0.125 0.5 1.25 2; the quantile 0.5 is 0.875, below 1: plain clipping
    const low = { thresholding: true, dynamic_thresholding_ratio: 0.5, sample_max_value: 3 };
    expect([...limitDenoised(x0, low).data]).toEqual([0.5, -1, 1, 0.125]);
    // the quantile 1 is 2: divided by 2
    const high = { thresholding: true, dynamic_thresholding_ratio: 1, sample_max_value: 3 };
    expect([...limitDenoised(x0, high).data]).toEqual([0.25, -0.625, 1, 0.0625]);
  });
});

describe("guidance", () => {
  const dims = [1, 1, 1, 3] as const;
  const unconditional: Tensor = { dims, data: Float32Array.of(1, 2, 3) };
  const conditional: Tensor = { dims, data: Float32Array.of(2, 2, 0) };

  test("u + g (c - u)", () => {
    expect([...guide(unconditional, conditional, 7.5).data]).toEqual([8.5, 2, -19.5]);
    expect([...guide(unconditional, conditional, 1).data]).toEqual([2, 2, 0]);
    expect([...guide(unconditional, conditional, 0).data]).toEqual([1, 2, 3]);
  });

  test("rescaled in full it has the conditional prediction's deviation, by half it is in between", () => {
    const guided = guide(unconditional, conditional, 7.5);
    const spread = ({ data }: Tensor) => {
      const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
      return Math.sqrt(data.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    };
    expect(spread(rescaleGuided(guided, conditional, 1))).toBeCloseTo(spread(conditional), 6);
    expect(spread(rescaleGuided(guided, conditional, 0.5))).toBeCloseTo((spread(conditional) + spread(guided)) / 2, 5);
    expect(rescaleGuided(guided, conditional, 0).data).toEqual(guided.data);
  });
});
