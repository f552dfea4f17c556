import * as Comlink from "comlink";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type {
  Engine,
  GenerateRequest,
  GenerateResult,
  ModelInfo,
  Settings,
  Step,
  Tensor,
} from "../../workers/protocol";
import { stageInfo } from "../testing/model-info";
import { createEngine, EngineError, type WorkerEndpoint } from "./client";

const source = { id: "m", url: "https://example.test/models/m/" };
const settings = { prompt: "a", steps: 4 } as Settings;
const info = { id: "m" } as ModelInfo;
const done = { timings: { total: 1 } } as GenerateResult;

const tensor = (value: number): Tensor => ({ data: Float32Array.of(value), dims: [1, 1, 1, 1] });
const step = (index: number): Step => ({
  index,
  stages: [stageInfo(4)],
  stage: 0,
  timestep: 0,
  sigma: 0,
  milliseconds: 1,
  x: tensor(index),
  denoised: tensor(-index),
});
const fail = (name: string, message: string) => Object.assign(new Error(message), { name });

type TestWorker = WorkerEndpoint & MessagePort & { name: string };

/** An engine behind a real MessageChannel, as comlink sees a worker. Each call to `start` is a new one. */
function workers(makeEngine: (life: number) => Partial<Engine>) {
  const started: TestWorker[] = [];
  const start = (name: string) => {
    const { port1, port2 } = new MessageChannel();
    const engine = { load: async () => info, ...makeEngine(started.length) };
    Comlink.expose(engine, port2);
    port2.start();
    const worker = Object.assign(port1, { terminate: vi.fn(() => port2.close()), name });
    started.push(worker);
    locks.set(name, () => {});
    return worker;
  };
  return { start, started };
}

/** Streams the steps from where the request resumes. */
async function stream(request: GenerateRequest, onStep: (step: Step) => unknown, until = 4): Promise<GenerateResult> {
  for (let i = request.resume?.steps.length ?? 0; i < until; i++) await onStep(step(i));
  return done;
}
const never = () => new Promise<never>(() => {});

/** Web Locks as the page sees them: each worker holds the lock of its name, and calling its entry releases it. */
const locks = new Map<string, () => void>();
beforeEach(() => {
  locks.clear();
  const query = async () => ({ held: [...locks.keys()].map((name) => ({ name })) });
  const request = (name: string, granted: () => void) => void locks.set(name, granted);
  vi.stubGlobal("navigator", { locks: { query, request } });
});
afterEach(() => vi.unstubAllGlobals());

describe("calls", () => {
  it("streams progress and steps, in order", async () => {
    const { start } = workers(() => ({
      async load(_, device, onProgress) {
        await onProgress({ stage: "fetch", file: device, loadedBytes: 1, totalBytes: 2 });
        return info;
      },
      generate: (request, onStep) => stream(request, onStep),
    }));
    const engine = createEngine({ startWorker: start });
    const files: string[] = [];
    expect(await engine.load(source, "cpu", ({ file }) => files.push(file))).toEqual(info);
    expect(files).toEqual(["cpu"]);
    const steps: Step[] = [];
    expect(await engine.generate({ settings }, (one) => steps.push(one))).toEqual(done);
    expect(steps).toEqual([0, 1, 2, 3].map(step));
  });

  it("hands on no progress that arrives after the answer", async () => {
    const late: Parameters<Engine["load"]>[2][] = [];
    const { start } = workers(() => ({
      async load(_source, _device, onProgress) {
        late.push(onProgress);
        return info;
      },
    }));
    const engine = createEngine({ startWorker: start });
    const onProgress = vi.fn();
    await engine.load(source, "cpu", onProgress);
    await late[0]({ stage: "verify", file: "unet/model.onnx", loadedBytes: 1, totalBytes: 2 });
    expect(onProgress).not.toHaveBeenCalled();
  });

  it("keeps the name and the message of an error, and calls what it does not know Internal", async () => {
    const errors = [fail("ModelFileCorrupt", "unet/model.onnx was cut short."), fail("TypeError", "x is undefined")];
    const { start } = workers(() => ({
      load: async () => {
        throw errors.shift();
      },
    }));
    const engine = createEngine({ startWorker: start });
    const first = await engine.load(source, "cpu", () => {}).catch((error) => error);
    expect(first).toBeInstanceOf(EngineError);
    expect(first).toMatchObject({ name: "ModelFileCorrupt", message: "unet/model.onnx was cut short." });
    await expect(engine.load(source, "cpu", () => {})).rejects.toMatchObject({ name: "Internal" });
  });
});

describe("a death in the middle of a run", () => {
  /** The first life gives two steps and then dies by `death`; the next ones record what they are asked for. */
  async function run(death: (worker: TestWorker) => void, rejects?: Error) {
    const requests: GenerateRequest[] = [];
    const { start, started } = workers((life) => ({
      async generate(request, onStep) {
        requests.push(request);
        if (life > 0) return stream(request, onStep);
        await stream(request, onStep, 2);
        if (rejects) throw rejects;
        return never();
      },
    }));
    const onRestart = vi.fn();
    const onRestarted = vi.fn();
    const engine = createEngine({ startWorker: start, onRestart, onRestarted });
    await engine.load(source, "cpu", () => {});
    const steps: Step[] = [];
    const result = await engine.generate({ settings }, (one) => {
      steps.push(one);
      if (steps.length === 2) death(started[0]);
    });
    expect(result).toEqual(done);
    expect(steps).toEqual([0, 1, 2, 3].map(step));
    expect(started).toHaveLength(2);
    expect(started[0].terminate).toHaveBeenCalled();
    expect(requests).toEqual([{ settings }, { settings, resume: { steps: [step(0), step(1)] } }]);
    expect(onRestart).toHaveBeenCalledTimes(1);
    expect(onRestarted).toHaveBeenCalledWith(info);
  }

  it("resumes from the last step after the worker's error event", () =>
    run((worker) => void worker.dispatchEvent(new Event("error"))));

  it("resumes after the GPU device was lost", () => run(() => {}, fail("DeviceLost", "The GPU device was lost.")));

  it("resumes after a death that no event tells of", () => run((worker) => locks.get(worker.name)?.()));

  it("asks the new worker for all that the first was asked for: the picture, the mask and what a branch took over", async () => {
    const requests: GenerateRequest[] = [];
    const { start } = workers((life) => ({
      async generate(request, onStep) {
        requests.push(request);
        if (life > 0) return stream(request, onStep);
        await stream(request, onStep, 3);
        throw fail("DeviceLost", "The GPU device was lost.");
      },
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "cpu", () => {});
    const picture = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    const request: GenerateRequest = {
      settings: { ...settings, takeover: { step: 2, levels: "euler" } },
      image: { picture, strength: 0.5 },
      mask: picture,
      resume: { steps: [step(0), step(1)] },
    };
    expect(await engine.generate(request, () => {})).toEqual(done);
    expect(requests).toEqual([request, { ...request, resume: { steps: [step(0), step(1), step(2)] } }]);
  });

  it("gives up after three more lives without a step, and says what to do", async () => {
    const { start, started } = workers(() => ({
      generate: async () => {
        throw fail("DeviceLost", "The GPU device was lost. Try ?device=cpu.");
      },
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "webgpu", () => {});
    await expect(engine.generate({ settings }, () => {})).rejects.toMatchObject({
      name: "DeviceLost",
      message: "The GPU device was lost. Try ?device=cpu.",
    });
    expect(started).toHaveLength(4);
  });

  it("loads again when the worker died between two runs", async () => {
    const loads: string[] = [];
    const { start, started } = workers(() => ({
      async load({ id }) {
        loads.push(id);
        return info;
      },
      generate: (request, onStep) => stream(request, onStep),
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "cpu", () => {});
    started[0].dispatchEvent(new Event("error"));
    expect(await engine.generate({ settings }, () => {})).toEqual(done);
    expect(loads).toEqual(["m", "m"]);
  });
});

describe("single calls", () => {
  it("are numbered; an abort cancels its own call alone, and rejects at once", async () => {
    const cancelled: (number | undefined)[] = [];
    let asked = 0;
    const { start } = workers(() => ({
      encode: (_picture, _space, _progress, call) => {
        asked++;
        return call === 1 ? never() : Promise.resolve(tensor(call ?? 0));
      },
      cancel: (call) => void cancelled.push(call),
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "cpu", () => {});
    const picture = { width: 1, height: 1, rgba: new Uint8ClampedArray(4) };
    const abort = new AbortController();
    const first = engine.encode(picture, "latents", abort.signal);
    await vi.waitFor(() => expect(asked).toBe(1));
    abort.abort();
    await expect(first).rejects.toMatchObject({ name: "Cancelled" });
    expect(await engine.encode(picture, "latents")).toEqual(tensor(2));
    expect(cancelled).toEqual([1]);
    await expect(engine.encode(picture, "latents", abort.signal)).rejects.toMatchObject({ name: "Cancelled" });
    expect(asked).toBe(2);
  });

  it("two runs follow each other; one that is aborted while it waits never begins", async () => {
    const begun: number[] = [];
    const finish: (() => void)[] = [];
    const { start } = workers(() => ({
      async generate({ settings: { seed } }) {
        begun.push(seed);
        await new Promise<void>((go) => finish.push(go));
        return done;
      },
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "cpu", () => {});
    const abort = new AbortController();
    const run = (seed: number, signal?: AbortSignal) =>
      engine.generate({ settings: { ...settings, seed } }, () => {}, signal);
    const [first, second, third] = [run(1), run(2, abort.signal), run(3)];
    await vi.waitFor(() => expect(begun).toEqual([1]));
    abort.abort();
    await expect(second).rejects.toMatchObject({ name: "Cancelled" });
    finish[0]();
    await first;
    await vi.waitFor(() => expect(begun).toEqual([1, 3]));
    finish[1]();
    expect(await third).toEqual(done);
  });
});

describe("cancelling", () => {
  it("maps an abort to cancel() and keeps the worker", async () => {
    let cancelled = false;
    const { start, started } = workers(() => ({
      async generate(request, onStep) {
        for (let i = 0; i < 4; i++) {
          if (cancelled) throw fail("Cancelled", "Cancelled.");
          await onStep(step(i));
          // let the cancel message in, as the real engine's session runs do
          await new Promise((resolve) => setTimeout(resolve, 20));
        }
        return stream(request, () => {});
      },
      cancel() {
        cancelled = true;
      },
    }));
    const engine = createEngine({ startWorker: start });
    await engine.load(source, "cpu", () => {});
    const abort = new AbortController();
    const steps: Step[] = [];
    const run = engine.generate(
      { settings },
      (one) => {
        steps.push(one);
        if (one.index === 1) abort.abort();
      },
      abort.signal,
    );
    await expect(run).rejects.toMatchObject({ name: "Cancelled" });
    expect(steps).toHaveLength(2);
    expect(started).toHaveLength(1);
    expect(started[0].terminate).not.toHaveBeenCalled();
  });

  it("ends the worker when a load is cancelled, and starts another for the next load", async () => {
    const { start, started } = workers((life) => ({ load: life === 0 ? never : async () => info }));
    const engine = createEngine({ startWorker: start });
    const abort = new AbortController();
    const load = engine.load(source, "cpu", () => {}, abort.signal);
    abort.abort();
    await expect(load).rejects.toMatchObject({ name: "Cancelled" });
    expect(started[0].terminate).toHaveBeenCalled();
    expect(await engine.load(source, "cpu", () => {})).toEqual(info);
    expect(started).toHaveLength(2);
  });
});
