/** A run that is resumed after any number of steps goes on bit for bit as the unbroken one. */

import { describe, expect, test } from "vitest";
import type { Tensor } from "../tensor/tensor.ts";
import { resolveConfig } from "./noise-schedule.ts";
import { findSampler, samplers } from "./samplers/registry.ts";
import { goldenNoise } from "./testing/golden.ts";
import { toyDenoiser } from "./testing/toy-network.ts";
import type { SamplerStep, SchedulerConfig } from "./types.ts";

const STEPS = 8;
const DARKROOM: SchedulerConfig = {
  beta_schedule: "scaled_linear",
  beta_start: 0.0015,
  beta_end: 0.0195,
  prediction_type: "v_prediction",
  timestep_spacing: "trailing",
};

/** Runs a sampler from a seedless fixed noise source, the first latents drawn from it as a pipeline does. */
async function run(
  id: string,
  config: SchedulerConfig,
  { history = [], start = 0, eta }: { history?: readonly SamplerStep[]; start?: number; eta?: number } = {},
): Promise<SamplerStep[]> {
  const sampler = findSampler(id);
  const levels = sampler.levels(config, STEPS);
  const noise = goldenNoise();
  const first = sampler.initial(noise(), levels, config);
  const denoise = toyDenoiser(resolveConfig(sampler.defaults, config));
  const signal = new AbortController().signal;
  const options = { config, signal, history, start, ...(eta === undefined ? {} : { eta }) };
  const steps: SamplerStep[] = [...history];
  for await (const step of sampler.sample(denoise, first, levels, noise, options)) steps.push(step);
  return steps;
}

const copy = ({ data, dims }: Tensor): Tensor => ({ data: data.slice(), dims });

const cases: [string, SchedulerConfig, number?][] = [
  ...samplers.map(({ id }): [string, SchedulerConfig] => [id, DARKROOM]),
  ["ddim", DARKROOM, 0.7],
  ["dpmpp-2m", { ...DARKROOM, solver_order: 3 }],
  ["unipc", { ...DARKROOM, solver_order: 3 }],
  ["pndm", { ...DARKROOM, skip_prk_steps: true }],
  ["dpmpp-2s", { ...DARKROOM, solver_order: 3 }],
  ["flow-euler", { stochastic_sampling: true, shift: 3 }],
];

describe.each(cases)("%s with %o", (id, given, eta) => {
  const config = id.startsWith("flow") ? { shift: 3, ...given, prediction_type: "flow_prediction" } : given;
  const extra = eta === undefined ? {} : { eta };

  test("resumed after k steps", async () => {
    const whole = await run(id, config, extra);
    expect(whole.map(({ index }) => index)).toEqual(Array.from({ length: STEPS }, (_, i) => i));
    expect(whole.every(({ x }) => x.data.every(Number.isFinite) && x.data.some((value) => value !== 0))).toBe(true);
    for (let k = 1; k < STEPS; k++) {
      // Only what the contract promises is kept: copies, as after a trip to another thread.
      const history = whole.slice(0, k).map(({ index, level, x, denoised }) => ({
        index,
        level,
        x: copy(x),
        denoised: copy(denoised),
      }));
      const resumed = await run(id, config, { ...extra, history });
      expect(resumed.length).toBe(STEPS);
      for (let i = k; i < STEPS; i++) {
        expect(resumed[i].x.data, `step ${i} after ${k}`).toEqual(whole[i].x.data);
        expect(resumed[i].denoised.data).toEqual(whole[i].denoised.data);
      }
    }
  });

  test("begun in the middle and resumed there", async () => {
    const start = 3;
    const whole = await run(id, config, { ...extra, start });
    expect(whole.map(({ index }) => index)).toEqual([3, 4, 5, 6, 7]);
    const resumed = await run(id, config, { ...extra, start, history: whole.slice(0, 2) });
    expect(resumed.map(({ x }) => x.data)).toEqual(whole.map(({ x }) => x.data));
  });
});

test("nothing that was yielded changes later", async () => {
  for (const { id } of samplers) {
    const sampler = findSampler(id);
    const levels = sampler.levels(DARKROOM, STEPS);
    const noise = goldenNoise();
    const first = sampler.initial(noise(), levels, DARKROOM);
    const denoise = toyDenoiser(resolveConfig(sampler.defaults, DARKROOM));
    const seen: [SamplerStep, Float32Array, Float32Array][] = [];
    const options = { config: DARKROOM, signal: new AbortController().signal };
    for await (const step of sampler.sample(denoise, first, levels, noise, options)) {
      seen.push([step, step.x.data.slice(), step.denoised.data.slice()]);
    }
    for (const [step, x, denoised] of seen) {
      expect(step.x.data, id).toEqual(x);
      expect(step.denoised.data, id).toEqual(denoised);
    }
  }
});

test("a history with a gap is refused", async () => {
  const whole = await run("euler", DARKROOM);
  await expect(run("euler", DARKROOM, { history: whole.slice(1, 3) })).rejects.toThrow(
    "The run cannot be resumed: step 0 is missing from its history.",
  );
});

test("a cancelled run ends before its next call of the network", async () => {
  const sampler = findSampler("euler");
  const levels = sampler.levels(DARKROOM, STEPS);
  const noise = goldenNoise();
  const controller = new AbortController();
  let calls = 0;
  const denoise = toyDenoiser(resolveConfig(sampler.defaults, DARKROOM), () => calls++);
  const steps = sampler.sample(denoise, noise(), levels, noise, { config: DARKROOM, signal: controller.signal });
  await steps.next();
  controller.abort();
  await expect(steps.next()).rejects.toThrow(/abort/i);
  expect(calls).toBe(1);
});
