/** What an inpainting run knows of the latents is held wherever the network is called, as diffusers' pipelines do after each call. */

import { describe, expect, test } from "vitest";
import type { Tensor } from "../tensor/tensor.ts";
import { sigmaOf } from "./noise-schedule.ts";
import { configFor, findSampler } from "./samplers/registry.ts";
import { goldenNoise } from "./testing/golden.ts";
import { toyDenoiser } from "./testing/toy-network.ts";
import type { NoiseLevel } from "./types.ts";

const KNOWN = 3;

describe.each(["kdpm2", "kdpm2-ancestral", "dpmpp-sde"])("%s", (id) => {
  test("holds the known part in the middle of a step, noised as at its end", async () => {
    const sampler = findSampler(id);
    const config = configFor(sampler, { _class_name: sampler.schedulerClass });
    const levels = sampler.levels(config, 3);
    const noise = goldenNoise();
    const first = sampler.initial(noise(), levels, config);
    const toy = toyDenoiser(config);
    const calls: { x: Tensor; level: NoiseLevel }[] = [];
    const held: NoiseLevel[] = [];
    const steps = sampler.sample(
      (x, level, index, signal) => {
        calls.push({ x, level });
        return toy(x, level, index, signal);
      },
      first,
      levels,
      noise,
      {
        config,
        signal: new AbortController().signal,
        // all is known: x0 is 0, and the noise 1
        constrain(x, level) {
          held.push(level);
          return { ...x, data: x.data.map(() => KNOWN * level.sigma) };
        },
      },
    );
    let count = 0;
    for await (const _ of steps) count++;
    expect(count).toBe(3);
    expect(held).toHaveLength(5);
    const [, middle] = calls;
    expect(sigmaOf(middle.level)).toBeLessThan(sigmaOf(levels[0]));
    const expected = KNOWN * middle.level.alpha * sigmaOf(levels[1]);
    for (const value of middle.x.data) expect(value).toBeCloseTo(expected, 6);
  });
});
