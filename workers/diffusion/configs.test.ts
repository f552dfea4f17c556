/**
 * What each sampler makes of a scheduler_config.json, and of what another class wrote there, against diffusers' classes: which values are
 * taken, read as others or refused. The expected numbers: python -m training.reference.golden_configs.
 */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { configFor, findSampler } from "./samplers/registry.ts";
import { goldenNoise, relativeDifference } from "./testing/golden.ts";
import { toyDenoiser } from "./testing/toy-network.ts";
import type { SchedulerConfig } from "./types.ts";

type Result = readonly number[] | "refused";
interface Configs {
  steps: number;
  file: SchedulerConfig;
  results: Result[];
  cases: [sampler: string, named: string, file: SchedulerConfig, at: number][];
}
const { steps, file, results, cases } = JSON.parse(
  readFileSync(new URL("./fixtures/configs.json", import.meta.url), "utf8"),
) as Configs;

/** The first numbers of the last latents. @throws Error where the sampler refuses the file */
async function run(id: string, given: SchedulerConfig, count: number): Promise<number[]> {
  const sampler = findSampler(id);
  const config = configFor(sampler, given);
  const levels = sampler.levels(config, steps);
  const noise = goldenNoise();
  let { data } = sampler.initial(noise(), levels, config);
  const signal = new AbortController().signal;
  for await (const step of sampler.sample(
    toyDenoiser(config, () => {}),
    { data, dims: [1, 4, 4, 4] },
    levels,
    noise,
    {
      config,
      signal,
    },
  )) {
    data = step.x.data;
  }
  const first = [...data.subarray(0, count)];
  if (first.every(Number.isFinite)) return first;
  throw new Error("not finite");
}

test("there are cases of every kind", () => {
  expect(cases.length).toBeGreaterThan(500);
  expect(cases.filter(([, , , at]) => results[at] === "refused").length).toBeGreaterThan(50);
});

describe.each([...new Set(cases.map(([sampler]) => sampler))])("%s reads", (id) => {
  const own = cases.filter(([sampler]) => sampler === id);
  test.each(own.map(([, named, more, at]) => [`${named} ${JSON.stringify(more)}`, named, more, at] as const))(
    "%s",
    async (_, named, more, at) => {
      const result = results[at];
      const made = run(id, { _class_name: named, ...file, ...more }, result.length);
      if (result === "refused") await expect(made).rejects.toThrow();
      else expect(relativeDifference(await made, result)).toBeLessThan(1e-3);
    },
  );
});
