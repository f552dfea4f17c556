/**
 * Step by step against diffusers' schedulers with the same network, configuration and noise. The expected numbers:
 * python -m training.reference.golden. `UPDATE_DOCS=1 npx vitest run workers/diffusion/golden` writes docs/sampler-agreement.md.
 */
import { writeFileSync } from "node:fs";
import { afterAll, describe, expect, test } from "vitest";
import { resolveConfig } from "./noise-schedule.ts";
import { findSampler, samplers } from "./samplers/registry.ts";
import { type GoldenRun, golden, goldenNoise, goldenSamples, relativeDifference } from "./testing/golden.ts";
import { toyDenoiser } from "./testing/toy-network.ts";

const TOLERANCE = 1e-5;

interface Agreement {
  steps: number[];
  /** from diffusers' float32 run, from its double-precision run where there is one, and between the two */
  float32: number;
  precise: number | undefined;
  rounding: number;
}
const agreements = new Map<string, Agreement>();

async function compare(run: GoldenRun) {
  const sampler = findSampler(run.sampler);
  const { eta, tokens, ...config } = golden.configurations[run.sampler][run.configuration];
  const levels = sampler.levels(config, run.steps, tokens);
  const noise = goldenNoise();
  const first = sampler.initial(noise(), levels, config);
  const calls: number[] = [];
  const denoise = toyDenoiser(resolveConfig(sampler.defaults, config), (timestep) => calls.push(timestep));
  const options = { config, signal: new AbortController().signal, ...(eta === undefined ? {} : { eta }) };
  const samples = [first.data];
  for await (const step of sampler.sample(denoise, first, levels, noise, options)) samples.push(step.x.data);
  const worst = (expected: Float32Array[]) =>
    Math.max(...expected.map((values, i) => relativeDifference(samples[i] ?? [], values)));
  return {
    calls,
    stepsMade: samples.length - 1,
    float32: worst(goldenSamples(run, run.at)),
    precise: run.precise && worst(goldenSamples(run, run.precise)),
  };
}

test("every sampler has six configurations or more", () => {
  for (const { id } of samplers) {
    const names = new Set(golden.runs.filter((run) => run.sampler === id).map((run) => run.configuration));
    expect(names.size, id).toBeGreaterThanOrEqual(6);
  }
});

describe.each(samplers.map(({ id }) => id))("%s agrees with diffusers", (id) => {
  const runs = golden.runs.filter((run) => run.sampler === id);
  test.each(runs.map((run) => [`${run.configuration}, ${run.steps} steps`, run] as const))("%s", async (_, run) => {
    const { calls, stepsMade, float32, precise } = await compare(run);
    const key = `${run.sampler}|${run.configuration}`;
    const before = agreements.get(key) ?? { steps: [], float32: 0, precise: undefined, rounding: 0 };
    agreements.set(key, {
      steps: [...before.steps, run.steps],
      float32: Math.max(before.float32, float32),
      precise: precise === undefined ? before.precise : Math.max(before.precise ?? 0, precise),
      rounding: Math.max(before.rounding, run.rounding),
    });
    expect(calls.length).toBe(run.timesteps.length);
    expect(Math.max(...calls.map((timestep, i) => Math.abs(timestep - run.timesteps[i])))).toBeLessThan(1e-3);
    expect(stepsMade).toBe(run.steps);
    expect(precise ?? float32).toBeLessThan(Math.max(TOLERANCE, run.rounding));
  });
});

afterAll(() => {
  if (!process.env.UPDATE_DOCS) return;
  const rows = samplers.flatMap(({ id, label, schedulerClass }) =>
    Object.keys(golden.configurations[id]).flatMap((name) => {
      const found = agreements.get(`${id}|${name}`);
      if (!found) return [];
      const numbers = [found.float32, found.precise, found.rounding];
      const cells = numbers.map((value) => (value === undefined ? "" : value.toExponential(1)));
      return [`| ${label} (${id}) | ${schedulerClass} | ${name} | ${found.steps.join(", ")} | ${cells.join(" | ")} |`];
    }),
  );
  const left = golden.leftOut.map(
    ({ sampler, configuration, fault }) => `- ${sampler}, ${configuration}: in diffusers ${fault}`,
  );
  writeFileSync(
    new URL("../../docs/sampler-agreement.md", import.meta.url),
    `# How far the samplers agree with diffusers

Each row: runs of diffusers ${golden.diffusers} (torch ${golden.torch}) and the same runs here, compared after every step. Differences
are the largest found, relative to the largest value of the latents. The network is a small fixed nonlinear one; it
and the configurations are in training/reference/golden.py.

diffusers computes in float32, and where sigma spans many powers of ten (a cosine schedule reaches 20,000) its own
rounding error, the last column, exceeds the bound of ${TOLERANCE} that the test holds. Runs whose rounding error is above 2e-6 are
compared with the same scheduler in double precision; they must be within ${TOLERANCE} of it, or no farther from it than
diffusers' own float32 run is.

Written by \`UPDATE_DOCS=1 npx vitest run workers/diffusion/golden\` from the numbers of \`python -m training.reference.golden\`.

| Sampler | diffusers class | Configuration | Steps | To diffusers in float32 | In double precision | diffusers' own rounding |
|---|---|---|---|---|---|---|
${rows.join("\n")}

Left out:

${left.join("\n")}
`,
  );
});
