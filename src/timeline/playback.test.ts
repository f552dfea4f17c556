import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { GenerateResult, ModelInfo, Output, Step } from "../../workers/protocol";
import { createQueue } from "../runs/queue";
import { createPlayback } from "./playback";

const settings = { prompt: "a cat", steps: 4 } as NonNullable<
  Parameters<ReturnType<typeof createQueue>["add"]>[1][0]
>["settings"];
const step = (index: number) => ({ index, milliseconds: 1 }) as Step;

/** A run with four finished steps. */
async function setup(calm = false) {
  const engine = {
    async generate(_request: unknown, onStep: (one: Step) => void) {
      for (const index of [0, 1, 2, 3]) onStep(step(index));
      return { output: {} } as GenerateResult;
    },
    decode: async () => ({}) as Output,
  };
  const queue = createQueue(engine, async () => new Blob());
  queue.add({} as ModelInfo, [{ settings }]);
  await vi.advanceTimersByTimeAsync(0);
  const playback = createPlayback(queue, () => calm);
  return { queue, playback, at: () => queue.store.get().step, playing: () => playback.store.get().playing };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("playback", () => {
  it("begins at the first step where the last is shown, and ends on the finished picture", async () => {
    const { playback, at, playing } = await setup();
    playback.play();
    const seen = [at()];
    for (let i = 0; i < 3; i++) {
      expect(playing()).toBe(true);
      vi.advanceTimersByTime(200);
      seen.push(at());
    }
    expect(seen).toEqual([0, 1, 2, null]);
    expect(playing()).toBe(false);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("goes on from where it was paused", async () => {
    const { playback, at } = await setup();
    playback.play();
    vi.advanceTimersByTime(200);
    playback.pause();
    vi.advanceTimersByTime(2000);
    expect(at()).toBe(1);
    playback.play();
    expect(at()).toBe(1);
    vi.advanceTimersByTime(200);
    expect(at()).toBe(2);
  });

  it("stops when the visitor scrubs", async () => {
    const { queue, playback, at, playing } = await setup();
    playback.play();
    queue.scrub(2);
    expect(playing()).toBe(false);
    vi.advanceTimersByTime(2000);
    expect(at()).toBe(2);
  });

  it("takes half the time at twice the speed, and a second a step where less motion is wished", async () => {
    const fast = await setup();
    fast.playback.setSpeed(2);
    fast.playback.play();
    vi.advanceTimersByTime(100);
    expect(fast.at()).toBe(1);
    const still = await setup(true);
    still.playback.setSpeed(4);
    still.playback.play();
    vi.advanceTimersByTime(999);
    expect(still.at()).toBe(0);
    vi.advanceTimersByTime(1);
    expect(still.at()).toBe(1);
  });
});
