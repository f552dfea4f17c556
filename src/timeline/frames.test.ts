import { describe, expect, it } from "vitest";
import { firstOf, frameCount, frameOf, shownIn } from "./frames";

describe("the frames of the strip", () => {
  it("has a frame a step where they fit", () => {
    const frames = frameCount(12, 800);
    expect(frames).toBe(12);
    expect(Array.from({ length: 12 }, (_, place) => frameOf(place, 12, frames))).toEqual([...Array(12).keys()]);
  });

  it.each([
    [1000, 300],
    [1000, 900],
    [50, 300],
    [19, 290],
  ])("puts each of %i steps into one of the frames that %i pixels hold", (steps, width) => {
    const frames = frameCount(steps, width);
    expect(frames * 16).toBeLessThanOrEqual(width);
    const count = new Array(frames).fill(0);
    for (let place = 0; place < steps; place++) {
      const frame = frameOf(place, steps, frames);
      count[frame]++;
      expect(place).toBeGreaterThanOrEqual(firstOf(frame, steps, frames));
      expect(place).toBeLessThan(firstOf(frame + 1, steps, frames));
    }
    expect(Math.min(...count)).toBeGreaterThan(0);
    expect(Math.max(...count) - Math.min(...count)).toBeLessThanOrEqual(1);
  });

  it("shows the chosen step in its frame, and the first one in the others", () => {
    expect(shownIn(0, 1000, 50, 13)).toBe(13);
    expect(shownIn(1, 1000, 50, 13)).toBe(20);
  });
});
