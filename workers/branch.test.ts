/** Branches on the tiny model: what stays the same to the bit, and what a branch's steps are. */

import { fileURLToPath } from "node:url";
import { beforeAll, describe, expect, test } from "vitest";
import { diskFiles } from "../cli/disk-files.ts";
import { openNodeRuntime } from "../cli/node-runtime.ts";
import { predictionType } from "./diffusion/denoiser.ts";
import { sigmaOf } from "./diffusion/noise-schedule.ts";
import { configFor, findSampler } from "./diffusion/samplers/registry.ts";
import { moveTo } from "./diffusion/samplers/stepwise.ts";
import { createEngine } from "./engine.ts";
import { loadModel, type Model } from "./models/load-model.ts";
import { networkFactory } from "./models/runtime/network.ts";
import { familyOfModel } from "./pipelines/families/registry.ts";
import { guidedDenoiser, halvesPredictor } from "./pipelines/guided-denoiser.ts";
import type { GenerateResult, Settings, Step } from "./protocol.ts";
import { combine } from "./tensor/arithmetic.ts";
import type { Tensor } from "./tensor/tensor.ts";

const url = new URL("./testing/tiny/", import.meta.url);
const files = diskFiles(fileURLToPath(url));
const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
const signal = new AbortController().signal;

let settings: Settings;
let model: Model;
beforeAll(async () => {
  const { defaults } = await engine.load({ id: "tiny", url: url.href }, "cpu", () => {});
  settings = { ...defaults, prompt: "a red cat", negativePrompt: "blue", seed: 3, steps: 5, sampler: "dpmpp-2m" };
  model = await loadModel("tiny", files, networkFactory(await openNodeRuntime("cpu")), () => {});
});

interface Run extends GenerateResult {
  steps: Step[];
}
async function run(over: Partial<Settings> = {}, done: Step[] = []): Promise<Run> {
  const steps = [...done];
  const request = { settings: { ...settings, ...over }, ...(done.length > 0 ? { resume: { steps: done } } : {}) };
  const result = await engine.generate(request, (step) => void steps.push(step));
  return { ...result, steps };
}
const branch = ({ steps }: Run, from: number, over: Partial<Settings>) => run(over, steps.slice(0, from));

/** What the network estimates of x0 at latents, by the model's parts alone. */
async function estimate(prompt: string, sampler: string, x: Tensor, index: number): Promise<Tensor> {
  const family = familyOfModel(model);
  const size = { width: settings.width, height: settings.height };
  const halves = {
    conditional: await family.encode(model, textOf(prompt), size),
    unconditional: await family.encode(model, textOf(settings.negativePrompt), size),
  };
  const config = configFor(findSampler(sampler), model.schedulerConfig);
  const guidance = { scale: settings.guidanceScale, rescale: 0, isGuided: () => true };
  const denoise = guidedDenoiser(halvesPredictor(model.backbone), () => halves, guidance, predictionType(config));
  return denoise(x, levelsOf(sampler)[index], index, signal);
}
function textOf(text: string) {
  return { text, literal: false, chunks: 1 };
}
function levelsOf(sampler: string) {
  const found = findSampler(sampler);
  return found.levels(configFor(found, model.schedulerConfig), settings.steps);
}
function distance(a: Tensor, b: Tensor): number {
  return a.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.data[i])), 0);
}

describe("with unchanged settings a branch is the unbranched run, bit for bit", () => {
  test.each(["dpmpp-2m", "euler-ancestral", "unipc", "dpmpp-sde"])("%s", async (sampler) => {
    const parent = await run({ sampler });
    const child = await branch(parent, 2, { sampler });
    expect(child.output.picture.rgba).toEqual(parent.output.picture.rgba);
    // a branch of the branch as well, whose noise seed is named
    const grandchild = await branch(child, 4, { sampler, noiseSeed: settings.seed });
    expect(grandchild.output.picture.rgba).toEqual(parent.output.picture.rgba);
  });

  test("also of a run whose sampler had been changed", async () => {
    const taken = { sampler: "dpmpp-2m-sde", takeover: { step: 2, levels: "euler-ancestral" } };
    const parent = await branch(await run({ sampler: "euler-ancestral" }), 2, taken);
    const child = await branch(parent, 4, taken);
    expect(child.output.picture.rgba).toEqual(parent.output.picture.rgba);
  });
});

describe("another prompt", () => {
  test("Euler goes on from the step's latents towards the new prompt's estimate", async () => {
    const parent = await run({ sampler: "euler" });
    const child = await branch(parent, 3, { sampler: "euler", prompt: "a green dog" });
    expect(child.steps.slice(0, 3)).toEqual(parent.steps.slice(0, 3));
    const levels = levelsOf("euler");
    let x: Tensor = parent.steps[2].x;
    for (const index of [3, 4]) {
      const denoised = await estimate("a green dog", "euler", x, index);
      x = moveTo(levels[index + 1], x, denoised, levels[index]);
      expect(distance(child.steps[index].x, x)).toBeLessThan(1e-6);
    }
    expect(distance(child.steps[3].denoised, parent.steps[3].denoised)).toBeGreaterThan(0.01);
  });

  test("DPM++ 2M reads its history on, as where a prompt is switched in the middle of a run", async () => {
    const sampler = "dpmpp-2m";
    const parent = await run({ sampler, steps: 5 });
    const child = await branch(parent, 2, { sampler, prompt: "a green dog" });
    const [before, from, to] = levelsOf(sampler).slice(1, 4);
    const x = parent.steps[1].x;
    const denoised = await estimate("a green dog", sampler, x, 2);
    // Lu et al. 2022, Algorithm 2, with the old prompt's estimate as the one before
    const lambda = [before, from, to].map((level) => -Math.log(sigmaOf(level)));
    const h = lambda[2] - lambda[1];
    const r = (lambda[1] - lambda[0]) / h;
    const mixed = combine([1 + 1 / (2 * r), denoised], [-1 / (2 * r), parent.steps[1].denoised]);
    const expected = combine([to.sigma / from.sigma, x], [-to.alpha * Math.expm1(-h), mixed]);
    expect(distance(child.steps[2].x, expected)).toBeLessThan(1e-5);
  });
});

describe("another guidance scale or negative prompt", () => {
  test("changes the steps from the branch on, and none before", async () => {
    const parent = await run();
    for (const over of [{ guidanceScale: 9 }, { negativePrompt: "a small house" }]) {
      const child = await branch(parent, 3, over);
      expect(child.steps.slice(0, 3)).toEqual(parent.steps.slice(0, 3));
      expect(distance(child.steps[3].denoised, parent.steps[3].denoised)).toBeGreaterThan(1e-4);
    }
  });
});

describe("another noise seed", () => {
  test("changes the steps of a sampler with noise from the branch on", async () => {
    const sampler = "euler-ancestral";
    const parent = await run({ sampler });
    const [one, same, other] = [
      await branch(parent, 3, { sampler, noiseSeed: 8 }),
      await branch(parent, 3, { sampler, noiseSeed: 8 }),
      await branch(parent, 3, { sampler, noiseSeed: 9 }),
    ];
    expect(one.steps[3].denoised).toEqual(parent.steps[3].denoised);
    expect(distance(one.steps[3].x, parent.steps[3].x)).toBeGreaterThan(0.01);
    expect(same.output.picture.rgba).toEqual(one.output.picture.rgba);
    expect(distance(other.steps[3].x, one.steps[3].x)).toBeGreaterThan(0.01);
  });

  test("changes nothing with a deterministic one", async () => {
    const parent = await run({ sampler: "dpmpp-2m" });
    const child = await branch(parent, 3, { sampler: "dpmpp-2m", noiseSeed: 8 });
    expect(child.output.picture.rgba).toEqual(parent.output.picture.rgba);
  });
});

describe("another sampler", () => {
  test("begins on the run's noise levels with no history: DPM++ 2M's first step is of first order", async () => {
    const parent = await run({ sampler: "ddim" });
    const child = await branch(parent, 2, { sampler: "dpmpp-2m", takeover: { step: 2, levels: "ddim" } });
    expect(child.steps.slice(0, 2)).toEqual(parent.steps.slice(0, 2));
    expect(child.steps.map(({ sigma }) => sigma.toPrecision(4))).toEqual(
      parent.steps.map(({ sigma }) => sigma.toPrecision(4)),
    );
    const { x, denoised } = child.steps[2];
    expect(distance(denoised, parent.steps[2].denoised)).toBeLessThan(1e-5);
    const levels = levelsOf("ddim");
    expect(distance(x, moveTo(levels[3], parent.steps[1].x, denoised, levels[2]))).toBeLessThan(1e-5);
  });

  test("no noise is drawn twice", async () => {
    const parent = await run({ sampler: "dpmpp-sde" });
    const child = await branch(parent, 3, { sampler: "euler-ancestral", takeover: { step: 3, levels: "dpmpp-sde" } });
    const without = await run({ sampler: "euler-ancestral" });
    const added = (steps: Step[], index: number) => {
      const levels = levelsOf("euler-ancestral");
      const [from, to] = [levels[index], levels[index + 1]];
      const [high, low] = [sigmaOf(from), sigmaOf(to)];
      const up = Math.sqrt((low ** 2 * (high ** 2 - low ** 2)) / high ** 2);
      const down = Math.sqrt(low ** 2 - up ** 2);
      const ratio = (to.alpha * down) / from.sigma;
      const quiet = combine([ratio, steps[index - 1].x], [to.alpha - ratio * from.alpha, steps[index].denoised]);
      return combine([1 / (to.alpha * up), steps[index].x], [-1 / (to.alpha * up), quiet]);
    };
    // the fourth step's noise is neither of the draws that an unbroken ancestral run makes up to there
    for (const index of [1, 2, 3]) {
      expect(distance(added(child.steps, 3), added(without.steps, index))).toBeGreaterThan(0.5);
    }
  });

  test("that needs levels of its own is refused in one sentence, and so is a run with other steps", async () => {
    const parent = await run({ sampler: "dpmpp-2s" });
    await expect(
      branch(parent, 2, { sampler: "ddim", takeover: { step: 2, levels: "dpmpp-2s" } }),
    ).rejects.toMatchObject({
      name: "InvalidSetting",
      message: expect.stringMatching(/^DDIM goes on from its own noise levels alone/),
    });
    await expect(branch(parent, 2, { sampler: "dpmpp-2s", steps: 6 })).rejects.toMatchObject({
      name: "InvalidSetting",
      message: expect.stringMatching(/they are of a run of 5 steps, and this one has 6/),
    });
  });
});
