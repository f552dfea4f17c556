import { describe, expect, test } from "vitest";
import type { GenerateRequest, ModelInfo, Settings, Step, Takeover, Tensor } from "../protocol.ts";
import { checkLevels, checkResume } from "./check-resume.ts";

const model = { vaeScaleFactor: 8, latentChannels: 4 } as ModelInfo;
const settings = { width: 64, height: 48, steps: 5 } as Settings;

const tensor = (...dims: Tensor["dims"]): Tensor => ({ data: new Float32Array(4 * 6 * 8), dims });
const step = (index: number, over: Partial<Step> = {}): Step =>
  ({ index, x: tensor(1, 4, 6, 8), denoised: tensor(1, 4, 6, 8), ...over }) as Step;
const request = (...steps: Step[]): GenerateRequest => ({ settings, resume: { steps } });

describe("a resume point", () => {
  test.each([
    ["no step yet", request()],
    ["the first steps", request(step(0), step(1))],
    ["every step: only the decoding is left", request(...[0, 1, 2, 3, 4].map((i) => step(i)))],
    ["none at all", { settings }],
  ])("%s fits", (_, one) => {
    expect(() => checkResume(one, model)).not.toThrow();
  });

  test.each([
    ["a step is missing", request(step(0), step(2)), /step 3 does not follow step 1;/],
    ["more steps than the run has", request(step(4), step(5)), /there is a step 6, and the run has 5;/],
    [
      "another size",
      request(step(0, { x: tensor(1, 4, 8, 6) })),
      /the latents of step 1 are 1 x 4 x 8 x 6 instead of 1 x 4 x 6 x 8;/,
    ],
    [
      "an estimate of another size",
      request(step(0, { denoised: tensor(1, 4, 8, 8) })),
      /latents of step 1 are 1 x 4 x 8 x 8/,
    ],
    [
      "numbers that were transferred away",
      request(step(0, { x: { data: new Float32Array(0), dims: [1, 4, 6, 8] } })),
      /the latents of step 1/,
    ],
  ])("%s: refused", (_, one, message) => {
    expect(() => checkResume(one, model)).toThrow(message);
    expect(() => checkResume(one, model)).toThrow(expect.objectContaining({ name: "InvalidSetting" }));
  });
});

describe("the noise levels", () => {
  const levels = [10, 5, 1, 0].map((sigma) => ({ timestep: 0, alpha: 1, sigma }));
  const at = (index: number, sigma: number, total = 3): Step => step(index, { sigma, total });

  test("of the same run fit, also where they were rounded in another place", () => {
    expect(() => checkLevels([at(0, 10), at(1, 5.0003)], levels)).not.toThrow();
  });

  test("of another schedule are refused, with both", () => {
    expect(() => checkLevels([at(0, 10), at(1, 4.9)], levels)).toThrow(
      /step 2 was made at sigma 4\.900, .* has 5\.000 there;/,
    );
  });

  test("of a run of another length are refused, also where the first level is the same", () => {
    expect(() => checkLevels([at(0, 10, 4)], levels)).toThrow(/of a run of 4 steps, and this one has 3;/);
  });
});

describe("a sampler that takes over", () => {
  const withSamplers = { ...model, samplers: [{ id: "euler", label: "Euler" }] } as ModelInfo;
  const taken = (over: Partial<Takeover>, ...steps: Step[]): GenerateRequest => ({
    settings: { ...settings, takeover: { step: 2, levels: "euler", ...over } },
    resume: { steps },
  });

  test("fits where the steps before it are there", () => {
    expect(() => checkResume(taken({}, step(0), step(1)), withSamplers)).not.toThrow();
  });

  test.each([
    ["without the step before it", taken({}, step(0)), /takes over after step 2, which is not among them;/],
    ["at the first step", taken({ step: 0 }, step(0)), /takes over before step 1, and the run has 5;/],
    ["after the last step", taken({ step: 5 }, step(4)), /takes over before step 6, and the run has 5;/],
    ["from one that the model lacks", taken({ levels: "magic" }, step(0), step(1)), /no sampler "magic"/],
  ])("%s: refused", (_, one, message) => {
    expect(() => checkResume(one, withSamplers)).toThrow(message);
  });
});
