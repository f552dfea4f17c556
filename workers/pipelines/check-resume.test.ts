import { describe, expect, test } from "vitest";
import type { GenerateRequest, Settings, Step, Takeover } from "../protocol.ts";
import { zeros } from "../tensor/tensor.ts";
import { checkLevels, checkResume, describeStages } from "./check-resume.ts";
import type { Stage } from "./pipeline.ts";

const DIMS = [1, 4, 6, 8];
const sigmas = [10, 5, 1, 0.5, 0.2, 0];
const stageOf = (over: Partial<Stage> = {}): Stage =>
  ({
    name: "First pass",
    dims: DIMS,
    first: 0,
    space: { id: "latents" },
    schedule: { levels: sigmas.map((sigma) => ({ timestep: 0, alpha: 1, sigma })) },
    ...over,
  }) as Stage;
const stages = [stageOf(), stageOf({ name: "Second pass", dims: [1, 2] })];
const samplers = [{ id: "euler", label: "Euler" }];
const settings = {} as Settings;

const step = (index: number, over: Partial<Step> = {}): Step =>
  ({
    stages: describeStages(stages),
    stage: 0,
    index,
    sigma: sigmas[index],
    x: zeros(...DIMS),
    denoised: zeros(...DIMS),
    ...over,
  }) as Step;
const second = (index: number) => step(index, { stage: 1, x: zeros(1, 2), denoised: zeros(1, 2) });
const request = (...steps: Step[]): GenerateRequest => ({ settings, resume: { steps } });
const firstPass = [0, 1, 2, 3, 4].map((index) => step(index));

describe("a resume point", () => {
  test.each([
    ["no step yet", request()],
    ["the first steps", request(step(0), step(1))],
    ["a whole stage", request(...firstPass)],
    ["every step of both stages: only the decoding is left", request(...firstPass, ...[0, 1, 2, 3, 4].map(second))],
    ["a second stage that enters its schedule in the middle", request(...firstPass, second(3))],
    ["none at all", { settings }],
  ])("%s fits", (_, one) => {
    expect(() => checkResume(one, stages, samplers)).not.toThrow();
  });

  test.each([
    ["a step is missing", request(step(0), step(2)), /step 3 does not follow step 1;/],
    ["the next stage before the first one is done", request(step(0), second(0)), /step 1 does not follow step 1;/],
    ["more steps than the stage has", request(step(4), step(5)), /there is a step 6 of stage 1,/],
    ["a stage that the run lacks", request(step(0, { stage: 2 })), /there is a step 1 of stage 3,/],
    [
      "another size",
      request(step(0, { x: zeros(1, 4, 8, 6) })),
      /the latents of step 1 are 1 x 4 x 8 x 6 instead of 1 x 4 x 6 x 8;/,
    ],
    ["an estimate of another size", request(step(0, { denoised: zeros(1, 4, 8, 8) })), /step 1 are 1 x 4 x 8 x 8/],
    [
      "numbers that were transferred away",
      request(step(0, { x: { data: new Float32Array(0), dims: DIMS } })),
      /the latents of step 1/,
    ],
  ])("%s: refused", (_, one, message) => {
    expect(() => checkResume(one, stages, samplers)).toThrow(message);
    expect(() => checkResume(one, stages, samplers)).toThrow(expect.objectContaining({ name: "InvalidSetting" }));
  });
});

describe("the noise levels", () => {
  test("of the same run fit, also where they were rounded in another place", () => {
    expect(() => checkLevels([step(0), step(1, { sigma: 5.0003 })], stages[0])).not.toThrow();
  });

  test("of another schedule are refused, with both", () => {
    expect(() => checkLevels([step(0), step(1, { sigma: 4.9 })], stages[0])).toThrow(
      /step 2 was made at sigma 4\.900, .* has 5\.000 there;/,
    );
  });

  test("of a run of another length are refused, also where the first level is the same", () => {
    const [own] = describeStages(stages);
    expect(() => checkLevels([step(0, { stages: [{ ...own, steps: 4 }] })], stages[0])).toThrow(
      /of a run of 4 steps, and this one has 5;/,
    );
  });
});

describe("a sampler that takes over", () => {
  const taken = (over: Partial<Takeover>, ...steps: Step[]): GenerateRequest => ({
    settings: { ...settings, takeover: { step: 2, levels: "euler", ...over } },
    resume: { steps },
  });

  test("fits where the steps before it are there, in any stage", () => {
    expect(() => checkResume(taken({}, step(0), step(1)), stages, samplers)).not.toThrow();
    expect(() => checkResume(taken({ stage: 1 }, ...firstPass, second(0), second(1)), stages, samplers)).not.toThrow();
  });

  test.each([
    ["without the step before it", taken({}, step(0)), /takes over after step 2, which is not among them;/],
    ["at the first step", taken({ step: 0 }, step(0)), /takes over before step 1, and the run has 5;/],
    ["after the last step", taken({ step: 5 }, step(4)), /takes over before step 6, and the run has 5;/],
    ["in a stage that the run lacks", taken({ stage: 2 }, step(0)), /takes over in stage 3, and the run has 2;/],
    ["from one that the model lacks", taken({ levels: "magic" }, step(0), step(1)), /no sampler "magic"/],
  ])("%s: refused", (_, one, message) => {
    expect(() => checkResume(one, stages, samplers)).toThrow(message);
  });
});
