/** Noise schedules, spacings and what they refuse. The expected alphas_cumprod: python -m training.reference.golden. */
import { describe, expect, test } from "vitest";
import { betaQuantileSigmas, symmetricBetaQuantile } from "./beta-sigmas.ts";
import { addNoise, startIndex } from "./image-to-image.ts";
import { alphasCumprod, karrasSigmas, spacedTimesteps } from "./noise-schedule.ts";
import { configFor, findSampler, samplerForConfig, samplers, samplersFor } from "./samplers/registry.ts";
import { golden, goldenValues } from "./testing/golden.ts";

const zeroSnr = Object.entries(golden.schedules).filter(([, { config }]) => config.rescale_betas_zero_snr);
const plain = Object.entries(golden.schedules).filter(([, { config }]) => !config.rescale_betas_zero_snr);

test.each(plain)("alphas_cumprod of %s: every bit is torch's", (_, { config, at }) => {
  expect(alphasCumprod(config)).toEqual(goldenValues(at));
});

// torch's vector square root is one unit in the last place off here and there; here it is correctly rounded.
test.each(zeroSnr)("alphas_cumprod of %s: to the last places", (_, { config, at }) => {
  const expected = goldenValues(at);
  const actual = alphasCumprod(config);
  expect(actual[actual.length - 1]).toBe(0);
  const off = actual.map((value, i) => Math.abs(value - expected[i]) / Math.max(expected[i], 2 ** -24));
  expect(Math.max(...off)).toBeLessThan(5e-7);
  expect(off.filter((one) => one > 0).length).toBeLessThan(actual.length / 2);
});

/** of the usual 1000 */
const LAST = 1000 - 1;

describe("timestep spacing (Lin et al. 2023, Table 2)", () => {
  test.each([
    ["leading", 0, 4, [750, 500, 250, 0]],
    ["leading", 1, 4, [751, 501, 251, 1]],
    ["linspace", 0, 4, [LAST, 666, 333, 0]],
    ["trailing", 0, 4, [LAST, 749, 499, 249]],
    ["trailing", 0, 1, [LAST]],
  ])("%s, offset %d, %d steps", (timestep_spacing, steps_offset, steps, expected) => {
    expect(spacedTimesteps({ timestep_spacing, steps_offset }, steps, "integer")).toEqual(expected);
  });

  // (numpy.arange(250, 0, -250 / 12).round() - 1): the fourth is half of an odd number, less a last bit
  test("trailing rounds halves as numpy's arange leaves them", () => {
    const config = { timestep_spacing: "trailing", num_train_timesteps: 250 };
    expect(spacedTimesteps(config, 12, "integer")).toEqual([249, 228, 207, 186, 166, 145, 124, 103, 82, 61, 41, 20]);
  });

  // numpy.arange(1000, 0, -1000 / 61) has 62 entries, the last of them timestep -1; here there are as many as asked for.
  test("trailing gives as many timesteps as asked for", () => {
    for (let steps = 1; steps <= 1000; steps++) {
      const timesteps = spacedTimesteps({ timestep_spacing: "trailing" }, steps, "integer");
      expect(timesteps.length).toBe(steps);
      expect(Math.min(...timesteps)).toBeGreaterThanOrEqual(0);
    }
  });
});

test("Karras sigmas begin and end where told and fall faster at first", () => {
  const sigmas = karrasSigmas(0.03, 14.6, 10);
  expect(sigmas[0]).toBeCloseTo(14.6, 10);
  expect(sigmas[9]).toBeCloseTo(0.03, 10);
  expect(sigmas[0] - sigmas[1]).toBeGreaterThan(sigmas[7] - sigmas[8]);
});

test("quantiles of the beta distribution", () => {
  expect(symmetricBetaQuantile(0.5, 0.6)).toBeCloseTo(0.5, 14);
  // shape 1/2 is the arcsine distribution: sin^2(pi p / 2)
  for (const p of [0.01, 0.2, 0.45, 0.7, 0.99]) {
    expect(symmetricBetaQuantile(p, 0.5)).toBeCloseTo(Math.sin((Math.PI * p) / 2) ** 2, 12);
  }
  // scipy.stats.beta.ppf(0.25, 0.6, 0.6)
  expect(symmetricBetaQuantile(0.25, 0.6)).toBeCloseTo(0.17568037865269498, 12);
  betaQuantileSigmas(1, 3, 3).forEach((sigma, i) => {
    expect(sigma).toBeCloseTo(3 - i, 14);
  });
});

describe("image-to-image", () => {
  test.each([
    [20, 1, 0],
    [20, 0.75, 5],
    [20, 0.5, 10],
    [20, 0.01, 20],
    [20, 0, 20],
    [50, 0.3, 35],
  ])("%d steps at strength %d begin at %d", (steps, strength, start) => {
    expect(startIndex(steps, strength)).toBe(start);
  });

  test("refuses a strength out of range", () => {
    expect(() => startIndex(20, 1.2)).toThrow("The strength is 1.2; choose a number from 0 to 1.");
  });

  test("noise is added in the level's proportions", () => {
    const dims = [1, 1, 1, 2] as const;
    const x0 = { data: Float32Array.of(1, -2), dims };
    const noise = { data: Float32Array.of(0.5, 1), dims };
    const noisy = addNoise(x0, noise, { timestep: 0, alpha: 0.5, sigma: 2 });
    expect([...noisy.data]).toEqual([1.5, 1]);
  });
});

describe("what cannot be run is refused in one sentence", () => {
  const levels =
    (id: string, config: object, steps = 10) =>
    () => {
      const sampler = findSampler(id);
      return sampler.levels(configFor(sampler, { _class_name: sampler.schedulerClass, ...config }), steps);
    };

  test.each(samplers.map(({ id }) => id))("%s: steps out of range", (id) => {
    for (const steps of [0, -1, 1.5, 1001, Number.NaN]) {
      expect(levels(id, {}, steps)).toThrow(/^The number of steps is .*; choose a whole number from 1 to \d+\.$/);
    }
  });

  test.each([
    [
      "ddim",
      { beta_schedule: "laplace" },
      /DDIM cannot run the beta_schedule "laplace" of the model's scheduler_config.json; choose another sampler/,
    ],
    ["euler", { timestep_spacing: "random" }, /timestep spacing "random" is not known/],
    ["ddim", { timestep_spacing: "leading", steps_offset: 200 }, /beyond the 1000 trained ones; choose fewer steps/],
    ["euler", { use_karras_sigmas: true, use_beta_sigmas: true }, /exclude each other/],
    ["euler", { interpolation_type: "cubic" }, /interpolation type "cubic" is not known/],
    ["dpmpp-2m", { final_sigmas_type: "one" }, /final sigma "one" is not known/],
    ["dpmpp-2m", { solver_order: 0 }, /solver order is 0; choose 1, 2 or 3/],
    ["dpmpp-2s", { solver_order: 4 }, /solver order is 4; choose a whole number from 1 to 3/],
    ["dpmpp-2m", { variance_type: "learned_range" }, /DPM\+\+ 2M cannot run the variance_type "learned_range"/],
    ["deis", { algorithm_type: "sde-dpmsolver++" }, /DEIS cannot run the algorithm_type "sde-dpmsolver\+\+"/],
    ["unipc", { shift_terminal: 0.1 }, /shift_terminal only with use_flow_sigmas/],
    ["dpmpp-2m", { prediction_type: "flow_prediction" }, /predicts the flow needs noise levels of flow matching/],
    ["dpm-solver", { final_sigmas_type: "zero" }, /DPM-Solver cannot end at sigma 0/],
    ["dpm-solver-sde", { solver_order: 3 }, /DPM-Solver SDE has no third order/],
    ["unipc", { lower_order_final: false }, /UniPC ends at sigma 0 only with/],
    [
      "pndm",
      { prediction_type: "sample", skip_prk_steps: true },
      /PNDM \(PLMS\) cannot run the prediction_type "sample"/,
    ],
    ["ddpm", { variance_type: "learned_range" }, /variance type "learned_range"/],
    ["flow-euler", { invert_sigmas: true }, /Inverted sigmas/],
    ["flow-euler", { use_dynamic_shifting: true }, /needs the number of image tokens/],
  ])("%s with %o", (id, config, message) => {
    expect(levels(id, config)).toThrow(message);
  });

  test("a sampler that there is not", () => {
    expect(() => findSampler("plain")).toThrow(/There is no sampler "plain"; the samplers are euler, /);
    expect(() => samplerForConfig({ _class_name: "RePaintScheduler" })).toThrow(/RePaintScheduler has no counterpart/);
  });
});

test("a config's class picks the sampler", () => {
  for (const { id, schedulerClass, algorithm } of samplers) {
    const config = { _class_name: schedulerClass, ...(algorithm ? { algorithm_type: algorithm } : {}) };
    expect(samplerForConfig(config).id).toBe(id);
  }
  expect(samplerForConfig({ _class_name: "DPMSolverMultistepScheduler" }).id).toBe("dpmpp-2m");
  expect(samplerForConfig({ _class_name: "DPMSolverSinglestepScheduler" }).id).toBe("dpmpp-2s");
  const deis = { _class_name: "DPMSolverMultistepScheduler", algorithm_type: "deis" };
  expect(samplerForConfig(deis).id).toBe("dpmpp-2m");
  const none = { _class_name: "DPMSolverSinglestepScheduler", algorithm_type: "sde-dpmsolver" };
  expect(() => samplerForConfig(none)).toThrow(/DPMSolverSinglestepScheduler \(sde-dpmsolver\) has no counterpart/);
  expect(samplerForConfig({ _class_name: "FlaxPNDMScheduler" }).id).toBe("pndm");
});

describe("a model's config as a sampler reads it", () => {
  const flow = { _class_name: "FlowMatchEulerDiscreteScheduler", shift: 3, num_train_timesteps: 1000 };
  const stableDiffusion = {
    _class_name: "PNDMScheduler",
    beta_start: 0.00085,
    beta_end: 0.012,
    beta_schedule: "scaled_linear",
    steps_offset: 1,
    set_alpha_to_one: false,
    skip_prk_steps: true,
    trained_betas: null,
  };

  test("fields of other samplers fall away, absent ones take this sampler's default", () => {
    const config = configFor(findSampler("euler"), stableDiffusion);
    expect(config.beta_end).toBe(0.012);
    expect(config.timestep_spacing).toBe("linspace");
    expect(config).not.toHaveProperty("skip_prk_steps");
    expect(configFor(findSampler("ddim"), stableDiffusion).timestep_spacing).toBe("leading");
    expect(configFor(findSampler("euler"), config)).toEqual(config);
  });

  test("flow models get flow samplers", () => {
    const ids = samplersFor(flow).map(({ id }) => id);
    expect(ids).toEqual([
      "dpmpp-2m",
      "dpmpp-2m-sde",
      "dpmpp-2s",
      "dpmpp-2s-sde",
      "unipc",
      "deis",
      "flow-euler",
      "flow-heun",
    ]);
    expect(samplersFor(stableDiffusion).map(({ id }) => id)).not.toContain("flow-euler");
    expect(() => configFor(findSampler("ddim"), flow)).toThrow(/DDIM cannot run a flow model; choose one of dpmpp-2m/);
    for (const id of ids) {
      const sampler = findSampler(id);
      const config = configFor(sampler, flow);
      expect(config.prediction_type).toBe("flow_prediction");
      for (const { alpha, sigma } of sampler.levels(config, 5)) expect(alpha + sigma).toBeCloseTo(1, 6);
    }
    expect(configFor(findSampler("dpmpp-2m"), flow).flow_shift).toBe(3);
    const dynamic = { ...flow, use_dynamic_shifting: true };
    const [small, large] = [256, 4096].map((tokens) =>
      findSampler("unipc").levels(configFor(findSampler("unipc"), dynamic), 4, tokens),
    );
    expect(large[2].sigma).toBeGreaterThan(small[2].sigma);
    const linear = configFor(findSampler("dpmpp-2m"), { ...dynamic, time_shift_type: "linear" });
    expect(() => findSampler("dpmpp-2m").levels(linear, 4, 256)).toThrow(
      'The dynamic shifting "linear" cannot be run by this sampler; choose unipc or flow-euler.',
    );
  });
});
