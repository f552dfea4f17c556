import { describe, expect, it } from "vitest";
import type { ModelInfo, Settings, Step } from "../../workers/protocol";
import type { Run } from "../runs/run";
import { againOf, STRENGTHS, upscaledOf, upscaleProblem, variationsOf } from "./more-runs";

const model = {
  id: "m",
  title: "M",
  maxSize: 512,
  pipelines: [{ inputs: [] }, { inputs: ["image"] }],
} as unknown as ModelInfo;
const settings = { prompt: "a cat", seed: 5, steps: 9, width: 256, height: 128 } as Settings;
const run = (patch: Partial<Run> = {}) => ({ settings, model, steps: [{ index: 0 }], ...patch }) as unknown as Run;

describe("variations", () => {
  it("keep everything but the noise", () => {
    const runs = variationsOf(run(), 0.2, [1, 2]);
    expect(runs).toEqual([1, 2].map((seed) => ({ settings: { ...settings, variation: { seed, strength: 0.2 } } })));
  });

  it("a little: as little as keeps the objects and their places", () => {
    expect(STRENGTHS.subtle).toBe(0.05);
  });

  it("of a variation begin at its noise", () => {
    const variation = { seed: 7, strength: 0.55 };
    const [one] = variationsOf(run({ settings: { ...settings, variation } }), 0.2, [1]);
    expect(one.settings.variation).toEqual({ seed: 1, strength: 0.2, of: variation });
  });

  it("again is another seed, and no variation", () => {
    const variation = { seed: 7, strength: 0.55 };
    expect(againOf(run({ settings: { ...settings, variation } }), 8)).toEqual({ settings: { ...settings, seed: 8 } });
  });
});

describe("larger", () => {
  it("goes on from the finished steps", () => {
    expect(upscaledOf(run())).toEqual({
      settings: { ...settings, highResolution: { scale: 2, strength: 0.3, steps: 2, upscaler: "pixels" } },
      resume: { steps: [{ index: 0 } as Step] },
    });
    const measured = run({ model: { ...model, upscaleStrength: 0.05 } });
    expect(upscaledOf(measured).settings.highResolution).toMatchObject({ strength: 0.05, upscaler: "pixels" });
    const encodesNothing = run({ model: { ...model, pipelines: model.pipelines.slice(0, 1) } });
    expect(upscaledOf(encodesNothing).settings.highResolution).toMatchObject({ strength: 0.5, upscaler: "latent" });
  });

  it.each([
    ["twice", { settings: { ...settings, highResolution: { scale: 2, strength: 0.5, steps: 3 } } }, /already/],
    ["a mask", { mask: {} as Run["mask"] }, /inpainted/],
    ["too large", { settings: { ...settings, width: 320 } }, /more than the 512 pixels/],
    ["another model", { model: { ...model, id: "n" } }, /choose that model first/],
  ])("%s: a reason", (_, patch, reason) => {
    expect(upscaleProblem(run(patch as Partial<Run>), model)).toMatch(reason);
    expect(upscaleProblem(run(), model)).toBeUndefined();
  });
});
