import { describe, expect, it } from "vitest";
import type { ModelInfo, Settings } from "../../workers/protocol";
import { info as some } from "../testing/model-info";
import { areaOf, estimateOf, evaluationsOf, isBeyond, paceOf } from "./estimate";

const info: ModelInfo = { ...some, defaults: { ...some.defaults, width: 256, height: 256 } };
const settings = (patch: Partial<Settings>): Settings => ({ ...info.defaults, steps: 10, guidanceScale: 3, ...patch });
const base = settings({});

describe("what a size takes", () => {
  it("is what was measured, at the size that it was measured at", () => {
    for (const width of [256, 768]) {
      const wide = settings({ width });
      const pace = paceOf(wide, info, 500, 900, 2e8);
      expect(estimateOf(wide, info, pace).milliseconds).toBeCloseTo(10 * 500 + 900, 6);
      expect(estimateOf(wide, info, pace).memory).toBeCloseTo(2e8, 0);
    }
  });

  it("grows with the steps, halves without guidance, and grows faster than the area", () => {
    const pace = paceOf(base, info, 500, 0, 2e8);
    const time = (patch: Partial<Settings>) => estimateOf(settings(patch), info, pace).milliseconds;
    expect(time({ steps: 30 })).toBeCloseTo(3 * time({}), 6);
    expect(time({ guidanceScale: 1 })).toBeCloseTo(time({}) / 2, 6);
    expect(time({ width: 1024, height: 1024 })).toBeGreaterThan(16 * time({}));
  });

  it("is near what the built-in model took on the CPU, in time and in memory", () => {
    const pace = paceOf(base, info, 1, 0, 159.6e6);
    for (const [side, times, megabytes] of [
      [384, 2.2, 230],
      [512, 3.5, 276],
      [768, 6.9, 485],
      [1024, 21.5, 1340],
    ]) {
      const { milliseconds, memory } = estimateOf(settings({ width: side, height: side }), info, pace);
      expect(Math.abs(Math.log(milliseconds / 10 / times)), `time at ${side}`).toBeLessThan(Math.log(1.65));
      expect(Math.abs(Math.log(memory / 1e6 / megabytes)), `memory at ${side}`).toBeLessThan(Math.log(1.34));
    }
  });

  it("counts a guided step twice, for the part of the steps that is guided", () => {
    expect(evaluationsOf(settings({ guidanceInterval: [0, 0.5] }))).toBe(15);
    expect(evaluationsOf(settings({ guidanceScale: 1 }))).toBe(10);
  });

  it("knows what is far beyond the model's own size", () => {
    expect(areaOf(settings({ width: 512 }), info)).toBe(2);
    expect(isBeyond(settings({ width: 384, height: 384 }), info)).toBe(false);
    expect(isBeyond(settings({ width: 512, height: 512 }), info)).toBe(true);
  });
});
