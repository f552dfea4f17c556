import { describe, expect, test } from "vitest";
import type { GenerateRequest, ModelInfo, Settings, Step, Tensor } from "../protocol.ts";
import { checkResume } from "./check-resume.ts";

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
