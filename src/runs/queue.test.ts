import { describe, expect, it, vi } from "vitest";
import type {
  GenerateRequest,
  GenerateResult,
  ModelInfo,
  Output,
  Settings,
  Step,
  Tensor,
} from "../../workers/protocol";
import { type EngineClient, EngineError } from "../engine/client";
import { stageInfo } from "../testing/model-info";
import { createQueue, type Queue, shownRun } from "./queue";
import { isOver, type NewRun } from "./run";

const model = { id: "m" } as ModelInfo;
const asked = (seed: number): NewRun => ({ settings: { prompt: "a", seed, steps: 3 } as Settings });
const tensor = (): Tensor => ({ data: new Float32Array(1), dims: [1, 1, 1, 1] });
const step = (index: number): Step => ({
  index,
  stages: [stageInfo(3)],
  stage: 0,
  timestep: 0,
  sigma: 0,
  milliseconds: 1,
  x: tensor(),
  denoised: tensor(),
});
const output: Output = { kind: "picture", picture: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) } };

/** An engine whose runs the test drives by hand. */
function setup() {
  const calls: {
    request: GenerateRequest;
    onStep: (step: Step) => void;
    finish: () => void;
    fail: (e: Error) => void;
  }[] = [];
  const engine = {
    generate: (request, onStep, signal) =>
      new Promise((resolve, reject) => {
        signal?.addEventListener("abort", () => reject(new EngineError("Cancelled", "Cancelled.")));
        calls.push({ request, onStep, finish: () => resolve({ output } as GenerateResult), fail: reject });
      }),
    decode: vi.fn(async () => output),
  } satisfies Pick<EngineClient, "generate" | "decode">;
  const queue = createQueue(engine, async () => new Blob(["png"]));
  const statuses = () => queue.store.get().runs.map(({ status }) => status);
  const settled = () => new Promise((resolve) => setTimeout(resolve));
  return { calls, engine, queue, statuses, settled };
}

describe("the queue", () => {
  it("runs what waits where no turn can be had, and ends", async () => {
    const turn = vi.fn(() => Promise.reject(new DOMException("Refused.", "SecurityError")));
    const generate = async () => ({ output }) as GenerateResult;
    const queue = createQueue({ generate, decode: async () => output }, async () => new Blob(["png"]), turn);
    queue.add(model, [asked(1), asked(2)]);
    const done = () => queue.store.get().runs.map(({ status }) => status);
    await expect.poll(done).toEqual(["done", "done"]);
    expect(turn).toHaveBeenCalledTimes(2);
  });

  it("runs one at a time, in order", async () => {
    const { calls, queue, statuses, settled } = setup();
    queue.add(model, [asked(1), asked(2)]);
    queue.add(model, [asked(3)]);
    expect(statuses()).toEqual(["running", "queued", "queued"]);
    calls[0].finish();
    await settled();
    expect(statuses()).toEqual(["done", "running", "queued"]);
    calls[1].finish();
    await settled();
    calls[2].finish();
    await settled();
    expect(statuses()).toEqual(["done", "done", "done"]);
    expect(calls.map(({ request }) => request.settings.seed)).toEqual([1, 2, 3]);
  });

  it("cancels the running one, keeps its steps, and the next one starts clean", async () => {
    const { calls, queue, statuses, settled } = setup();
    queue.add(model, [asked(1), asked(2)]);
    calls[0].onStep(step(0));
    calls[0].onStep(step(1));
    queue.skip();
    await settled();
    expect(statuses()).toEqual(["cancelled", "running"]);
    const [first, second] = queue.store.get().runs;
    expect(first.steps.map(({ index }) => index)).toEqual([0, 1]);
    expect(second.steps).toEqual([]);
    expect(calls[1].request).toEqual(asked(2));
  });

  it("goes on after a failure and keeps its reason", async () => {
    const { calls, queue, statuses, settled } = setup();
    queue.add(model, [asked(1), asked(2)]);
    calls[0].fail(new EngineError("NotFinite", "NaN in the latents."));
    await settled();
    expect(statuses()).toEqual(["failed", "running"]);
    expect(queue.store.get().runs[0].error).toMatchObject({ name: "NotFinite", message: "NaN in the latents." });
  });

  it("takes out only what waits", () => {
    const { queue, statuses } = setup();
    queue.add(model, [asked(1), asked(2)]);
    for (const { id } of queue.store.get().runs) queue.remove(id);
    expect(statuses()).toEqual(["running"]);
  });
});

describe("what waits", () => {
  const seeds = (queue: Queue) => queue.store.get().runs.map(({ settings }) => settings.seed);

  it("is moved among the waiting ones, and runs in the new order", async () => {
    const { calls, queue, settled } = setup();
    queue.add(model, [asked(1), asked(2), asked(3), asked(4)]);
    const [running, , third, fourth] = queue.store.get().runs;
    queue.move(fourth.id, -2);
    expect(seeds(queue)).toEqual([1, 4, 2, 3]);
    queue.move(fourth.id, -1);
    queue.move(running.id, 1);
    expect(seeds(queue)).toEqual([1, 4, 2, 3]);
    queue.move(fourth.id, 9);
    expect(seeds(queue)).toEqual([1, 2, 3, 4]);
    queue.move(third.id, -1);
    calls[0].finish();
    await settled();
    expect(calls[1].request.settings.seed).toBe(3);
  });

  it("is cancelled all at once, the running one too", async () => {
    const { queue, statuses, settled } = setup();
    queue.add(model, [asked(1), asked(2), asked(3)]);
    queue.cancelAll();
    await settled();
    expect(statuses()).toEqual(["cancelled"]);
  });

  it("comes back after it was cancelled, in its order; not once something else was asked for", async () => {
    const { queue, statuses, settled } = setup();
    queue.add(model, [asked(1), asked(2), asked(3)]);
    queue.cancelAll();
    await settled();
    queue.putBack();
    expect(seeds(queue)).toEqual([1, 2, 3]);
    expect(statuses()).toEqual(["cancelled", "running", "queued"]);
    queue.putBack();
    expect(seeds(queue)).toEqual([1, 2, 3]);
    queue.cancelAll();
    await settled();
    queue.add(model, [asked(4)]);
    queue.putBack();
    expect(seeds(queue)).toEqual([1, 2, 4]);
  });

  it("waits for this tab's turn, and begins with what is first then", async () => {
    let turn = () => {};
    const engine = { generate: vi.fn(() => new Promise<never>(() => {})), decode: vi.fn(async () => output) };
    const queue = createQueue(
      engine,
      async () => new Blob(),
      async (job) => {
        await new Promise<void>((resolve) => {
          turn = resolve;
        });
        await job();
      },
    );
    queue.add(model, [asked(1), asked(2)]);
    expect(queue.store.get().runs.map(({ status }) => status)).toEqual(["queued", "queued"]);
    queue.remove(queue.store.get().runs[0].id);
    turn();
    await new Promise((resolve) => setTimeout(resolve));
    expect(engine.generate).toHaveBeenCalledExactlyOnceWith(
      asked(2),
      expect.anything(),
      expect.anything(),
      expect.anything(),
    );
  });
});

describe("looking", () => {
  it("follows the running one until another is picked, and follows again after Generate", async () => {
    const { calls, queue, settled } = setup();
    const shown = () => shownRun(queue.store.get())?.number;
    queue.add(model, [asked(1), asked(2)]);
    expect(shown()).toBe(1);
    calls[0].finish();
    await settled();
    expect(shown()).toBe(2);
    queue.pick(queue.store.get().runs[0].id);
    expect(shown()).toBe(1);
    queue.add(model, [asked(3)]);
    expect(shown()).toBe(2);
  });

  it("stays on a scrubbed step while others arrive; the newest step follows", () => {
    const { calls, queue } = setup();
    queue.add(model, [asked(1)]);
    calls[0].onStep(step(0));
    calls[0].onStep(step(1));
    queue.scrub(0);
    calls[0].onStep(step(2));
    expect(queue.store.get().step).toBe(0);
    queue.scrub(2);
    expect(queue.store.get().step).toBeNull();
  });

  it("decodes the step and the view that are looked at, once", async () => {
    const { calls, engine, queue, settled } = setup();
    queue.add(model, [asked(1)]);
    for (const index of [0, 1, 2]) calls[0].onStep(step(index));
    calls[0].finish();
    await settled();
    queue.scrub(1);
    queue.look("x");
    await queue.decode();
    await queue.decode();
    const [run] = queue.store.get().runs;
    expect(engine.decode).toHaveBeenCalledExactlyOnceWith(run.steps[1].x, "latents");
    expect(Object.keys(run.decoded)).toEqual(["1 x"]);
    expect(isOver(run)).toBe(true);
  });

  it("says why a step could not be decoded", async () => {
    const { calls, engine, queue } = setup();
    queue.add(model, [asked(1)]);
    calls[0].onStep(step(0));
    engine.decode.mockRejectedValueOnce(new EngineError("OutOfMemory", "Close other tabs."));
    await queue.decode();
    expect(queue.store.get()).toMatchObject({ decoding: null, decodeError: "Close other tabs." });
  });
});
