/** A sampler that takes over in the middle: whose levels, whose end, and which cannot. */

import { describe, expect, test } from "vitest";
import type { Tensor } from "../tensor/tensor.ts";
import { resolveConfig } from "./noise-schedule.ts";
import { configFor, findSampler, samplers, samplersFor } from "./samplers/registry.ts";
import { MOST_DRAWS, takeoverLevels } from "./takeover.ts";
import { goldenNoise } from "./testing/golden.ts";
import { toyDenoiser } from "./testing/toy-network.ts";
import type { SchedulerConfig } from "./types.ts";

const STEPS = 6;
const signal = new AbortController().signal;
/** the built-in model's, and Stable Diffusion 1.5's */
const TRAILING: SchedulerConfig = {
  _class_name: "DDIMScheduler",
  beta_schedule: "scaled_linear",
  beta_start: 0.0015,
  beta_end: 0.0195,
  prediction_type: "v_prediction",
  timestep_spacing: "trailing",
};
const LEADING: SchedulerConfig = {
  _class_name: "PNDMScheduler",
  beta_schedule: "scaled_linear",
  beta_start: 0.00085,
  beta_end: 0.012,
  steps_offset: 1,
  set_alpha_to_one: false,
  clip_sample: false,
  skip_prk_steps: true,
  timestep_spacing: "leading",
};

const schedule = (id: string, model: SchedulerConfig) => {
  const sampler = findSampler(id);
  return { sampler, levels: sampler.levels(configFor(sampler, model), STEPS) };
};

describe("the levels", () => {
  test("are the earlier sampler's up to the end, which is the new one's", () => {
    const earlier = schedule("euler", LEADING);
    const next = schedule("dpm-solver", LEADING);
    const levels = takeoverLevels(earlier, next, 2);
    expect(levels.slice(0, STEPS)).toEqual(earlier.levels.slice(0, STEPS));
    expect(levels[STEPS]).toEqual(next.levels[STEPS]);
    expect(next.levels[2].sigma, "the two schedules must differ").not.toBeCloseTo(earlier.levels[2].sigma, 3);
  });

  test("are the new sampler's own to the bit where both agree", () => {
    const next = schedule("ddim", TRAILING);
    const levels = takeoverLevels(schedule("euler", TRAILING), next, 3);
    expect(levels.slice(3)).toEqual(next.levels.slice(3));
  });

  test.each([
    ["dpmpp-2m", "ddim", /^DDIM goes on from its own noise levels alone, and those of DPM\+\+ 2M are others; choose/],
    ["euler", "pndm", /^PNDM \(PLMS\) cannot take over in the middle of a run; choose another sampler\.$/],
  ])("%s to %s is refused", (from, to, message) => {
    expect(() => takeoverLevels(schedule(from, LEADING), schedule(to, LEADING), 2)).toThrow(message);
  });
});

describe.each([
  ["trailing", TRAILING],
  ["leading", LEADING],
])("%s: every sampler after every other", (_, model) => {
  const ids = samplersFor(model).map(({ id }) => id);

  test.each(ids)("%s takes over, or says why it cannot", async (id) => {
    const earlier = ids.filter((one) => one !== id);
    const outcomes = [];
    for (const from of earlier) {
      const next = schedule(id, model);
      const config = configFor(next.sampler, model);
      const middle: Tensor = goldenNoise()();
      let levels: ReturnType<typeof takeoverLevels>;
      try {
        levels = takeoverLevels(schedule(from, model), next, 2);
      } catch (error) {
        outcomes.push((error as Error).message);
        continue;
      }
      const steps = [];
      const run = next.sampler.sample(toyDenoiser(config), middle, levels, goldenNoise(), { config, signal, start: 2 });
      for await (const step of run) steps.push(step);
      expect(steps.map(({ index }) => index)).toEqual([2, 3, 4, 5]);
      expect(
        steps.every(({ x }) => x.data.every(Number.isFinite)),
        `after ${from}`,
      ).toBe(true);
      outcomes.push("ran");
    }
    if (id === "pndm") expect(outcomes).not.toContain("ran");
    else expect(outcomes).toContain("ran");
  });
});

test("a sampler says truly whether it draws noise, and none draws more than the most", async () => {
  for (const sampler of samplers) {
    const model = sampler.families.includes("diffusion") ? TRAILING : { shift: 3, prediction_type: "flow_prediction" };
    const config = resolveConfig(sampler.defaults, model);
    for (const eta of [undefined, 0, 1]) {
      const levels = sampler.levels(config, STEPS);
      const draw = goldenNoise();
      let draws = 0;
      const noise = () => {
        draws++;
        return draw();
      };
      const options = { config, signal, ...(eta === undefined ? {} : { eta }) };
      for await (const _ of sampler.sample(toyDenoiser(config), draw(), levels, noise, options));
      expect(draws > 0, `${sampler.id}, eta ${eta}`).toBe(sampler.stochastic?.(config, eta) ?? false);
      expect(draws).toBeLessThanOrEqual(MOST_DRAWS * STEPS);
    }
  }
});
