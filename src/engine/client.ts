/**
 * The page's side of the worker boundary: the only file that knows comlink and Worker.
 *
 * The worker lives as long as the page. If it dies, or the GPU device under it, a new worker is started, the model is
 * loaded again and a run goes on from the last step that arrived.
 */
import * as Comlink from "comlink";
import engineUrl from "../../workers/engine.worker.ts?worker&url";
import type {
  DevicePreference,
  Engine,
  EngineErrorName,
  GenerateRequest,
  GenerateResult,
  LoadProgress,
  ModelInfo,
  ModelSource,
  NoiseSchedule,
  Output,
  Picture,
  Prediction,
  PredictRequest,
  PromptReading,
  RunStart,
  ScheduleRequest,
  Step,
  Tensor,
} from "../../workers/protocol";
import { orUndefined } from "../storage/browser";
import { startWorker } from "../storage/start-worker";

const ERROR_NAMES: Record<EngineErrorName, true> = {
  InvalidSetting: true,
  ModelFileMissing: true,
  ModelFileCorrupt: true,
  ModelUnsupported: true,
  NetworkFailed: true,
  DeviceUnavailable: true,
  DeviceLost: true,
  OutOfMemory: true,
  DiskFull: true,
  StorageUnavailable: true,
  Busy: true,
  NotFinite: true,
  Cancelled: true,
  Internal: true,
};

/** An error as it crosses the boundary: one of a closed set of names, the cause and the remedy in the message. */
export class EngineError extends Error {
  override name: EngineErrorName;
  constructor(name: EngineErrorName, message: string) {
    super(message);
    this.name = name;
  }
}

export function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  const { name, message } = error instanceof Error ? error : { name: "", message: String(error) };
  return name in ERROR_NAMES
    ? new EngineError(name as EngineErrorName, message)
    : new EngineError("Internal", message || "The engine failed without saying why. Reload the page and try again.");
}

/** What the client needs of a Worker; a test passes a MessagePort in its place. */
export interface WorkerEndpoint extends Comlink.Endpoint {
  terminate(): void;
}

type Remote = Pick<Engine, "addNoise" | "combine">;

export interface EngineClient {
  /** Loads a model and keeps its source for recoveries. Aborting ends the worker and rejects with `Cancelled`. */
  load(
    source: ModelSource,
    device: DevicePreference,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelInfo>;
  /** Runs one picture, after the one that is under way; goes on in a new worker if this one dies. Rejects with an `EngineError`. */
  generate(
    request: GenerateRequest,
    onStep: (step: Step) => void,
    signal?: AbortSignal,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<GenerateResult>;
  /** Decodes the tensor of a step in full. @param space of its stage, or "pixels" */
  decode(tensor: Tensor, space: string, signal?: AbortSignal): Promise<Output>;
  /** The picture as a tensor of the space. Once the signal is aborted, it and the ones below reject with `Cancelled`. */
  encode(
    picture: Picture,
    space: string,
    signal?: AbortSignal,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<Tensor>;
  schedule(request: ScheduleRequest): Promise<NoiseSchedule>;
  /** What a run would begin with. */
  begin(
    request: GenerateRequest,
    signal?: AbortSignal,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<RunStart>;
  addNoise: Remote["addNoise"];
  combine: Remote["combine"];
  /** Runs the network once, at any level with any prompt. */
  predict(request: PredictRequest, signal?: AbortSignal): Promise<Prediction>;
  readPrompt(...text: Parameters<Engine["readPrompt"]>): Promise<PromptReading>;
  /** Ends the worker as a crash would, without telling anybody: for the test of the recovery. */
  killWorker(): void;
}

export interface EngineOptions {
  /** Starts a worker that bears the name and holds the Web Lock of that name (see `Engine`). */
  startWorker?: (name: string) => WorkerEndpoint;
  /** A worker died and a new one loads the model. */
  onRestart?: () => void;
  /** The new worker is ready; the backend may differ. */
  onRestarted?: (info: ModelInfo) => void;
}

/** Deaths without a step in between, after which a run is given up. */
const MAX_DEATHS = 3;

const DIED =
  "The engine stopped without a word; the browser may have run out of memory. Close other tabs and try again, or add ?device=cpu to the address.";

export function createEngine(options: EngineOptions = {}): EngineClient {
  const start = options.startWorker ?? ((name) => startWorker(engineUrl, name));
  let connection: Connection | null = null;
  let loaded: { source: ModelSource; device: DevicePreference } | null = null;
  let recovery: Promise<void> | null = null;

  async function load(
    source: ModelSource,
    device: DevicePreference,
    onProgress: (progress: LoadProgress) => void,
    signal?: AbortSignal,
  ): Promise<ModelInfo> {
    if (signal?.aborted) throw cancelled();
    connection = alive(connection) ?? connect(start);
    const { close } = connection;
    const abort = () => close(cancelled());
    signal?.addEventListener("abort", abort, { once: true });
    // Progress travels through a port of its own, and may be overtaken by the answer.
    let over = false;
    const progressed = (progress: LoadProgress) => {
      if (!over) onProgress(progress);
    };
    try {
      const info = await connection.call((remote) => remote.load(source, device, Comlink.proxy(progressed)));
      loaded = { source, device };
      void connection.watch();
      return info;
    } finally {
      over = true;
      signal?.removeEventListener("abort", abort);
    }
  }

  function recover(): Promise<void> {
    if (!loaded) throw new EngineError("Internal", "No model is loaded. Load one first.");
    const { source, device } = loaded;
    options.onRestart?.();
    recovery = load(source, device, () => {})
      .then((info) => options.onRestarted?.(info))
      .finally(() => {
        recovery = null;
      });
    return recovery;
  }

  async function ready(): Promise<Connection> {
    const usable = alive(connection);
    if (usable && !recovery) return usable;
    await (recovery ?? recover());
    return connection as Connection;
  }

  let lastRun: Promise<unknown> = Promise.resolve();

  /** The engine does one run at a time. */
  function generate(...asked: Parameters<EngineClient["generate"]>): Promise<GenerateResult> {
    const [, , signal] = asked;
    const result = orCancelled(lastRun, signal).then(() => run(...asked));
    lastRun = Promise.allSettled([lastRun, result]);
    return result;
  }

  async function run(
    request: GenerateRequest,
    onStep: (step: Step) => void,
    signal?: AbortSignal,
    onProgress: (progress: LoadProgress) => void = () => {},
  ): Promise<GenerateResult> {
    const steps = [...(request.resume?.steps ?? [])];
    let deaths = 0;
    for (;;) {
      let current: Connection | null = null;
      let over = false;
      const cancel = () => void current?.remote.cancel();
      signal?.addEventListener("abort", cancel);
      try {
        current = await orCancelled(ready(), signal);
        const silence = watchSilence(() => current?.close(new EngineError("DeviceLost", DIED)));
        const arrived = (step: Step) => {
          if (over) return; // a message that a dead worker had left on its way
          deaths = 0;
          steps.push(step);
          silence.heard(step.milliseconds);
          onStep(step);
        };
        const progressed = (progress: LoadProgress) => {
          if (!over) onProgress(progress);
        };
        const resume = steps.length > 0 ? { resume: { steps: [...steps] } } : {};
        try {
          return await current.call((remote) =>
            remote.generate({ ...request, ...resume }, Comlink.proxy(arrived), Comlink.proxy(progressed)),
          );
        } finally {
          silence.stop();
        }
      } catch (caught) {
        const error = toEngineError(caught);
        if (signal?.aborted) throw error.name === "DeviceLost" ? cancelled() : error;
        deaths += 1;
        if (error.name !== "DeviceLost" || deaths > MAX_DEATHS) throw error;
        current?.close(error); // a lost device does not come back in the same worker
      } finally {
        over = true;
        signal?.removeEventListener("abort", cancel);
      }
    }
  }

  const call = async <T>(use: (remote: Comlink.Remote<Engine>) => Promise<T>) => (await ready()).call(use);

  let calls = 0;

  /** A call that the engine leaves out once it is cancelled; its number tells it apart. */
  async function cancellable<T>(
    signal: AbortSignal | undefined,
    use: (remote: Comlink.Remote<Engine>, call: number) => Promise<T>,
  ): Promise<T> {
    const current = await orCancelled(ready(), signal);
    const own = ++calls;
    const cancel = () => void current.remote.cancel(own);
    signal?.addEventListener("abort", cancel, { once: true });
    try {
      return await orCancelled(
        current.call((remote) => use(remote, own)),
        signal,
      );
    } finally {
      signal?.removeEventListener("abort", cancel);
    }
  }

  return {
    load,
    generate,
    decode: (tensor, space, signal) =>
      signal
        ? cancellable(signal, (remote, own) => remote.decode(tensor, space, own))
        : call((remote) => remote.decode(tensor, space)),
    encode: (picture, space, signal, onProgress = () => {}) =>
      cancellable(signal, (remote, own) => remote.encode(picture, space, Comlink.proxy(onProgress), own)),
    schedule: (request) => call((remote) => remote.schedule(request)),
    begin: (request, signal, onProgress = () => {}) =>
      cancellable(signal, (remote, own) => remote.begin(request, Comlink.proxy(onProgress), own)),
    addNoise: (...asked) => call((remote) => remote.addNoise(...asked)),
    combine: (terms) => call((remote) => remote.combine(terms)),
    predict: (request, signal) => cancellable(signal, (remote, own) => remote.predict(request, own)),
    readPrompt: (text) => call((remote) => remote.readPrompt(text)),
    killWorker: () => connection?.worker.terminate(),
  };
}

interface Connection {
  worker: WorkerEndpoint;
  remote: Comlink.Remote<Engine>;
  closed: boolean;
  /** Comlink never settles a call whose worker died: each call races with the worker's death. */
  call<T>(use: (remote: Comlink.Remote<Engine>) => Promise<T>): Promise<T>;
  /** Notices the worker's end from now on. To be called once it has answered, when it surely holds its lock. */
  watch(): Promise<void>;
  /** Ends the worker; calls under way reject with the error. */
  close(error: EngineError): void;
}

let connections = 0;

function connect(startWorker: (name: string) => WorkerEndpoint): Connection {
  const name = `darkroom engine ${Date.now()} ${++connections}`; // other tabs have engines, too
  const worker = startWorker(name);
  const remote = Comlink.wrap<Engine>(worker);
  let watched = false;
  let reject: (error: EngineError) => void = () => {};
  const death = new Promise<never>((_, no) => {
    reject = no;
  });
  death.catch(() => {});
  const connection: Connection = {
    worker,
    remote,
    closed: false,
    call: (use) =>
      Promise.race([use(remote), death]).catch((error: unknown) => {
        throw toEngineError(error);
      }),
    async watch() {
      const locks = orUndefined(() => navigator.locks);
      if (watched || !locks) return; // no locks, or none for this page: silence must do
      watched = true;
      try {
        const { held = [] } = await locks.query();
        if (held.some((lock) => lock.name === name))
          await locks.request(name, () => connection.close(new EngineError("DeviceLost", DIED)));
      } catch {
        // refused, where the browser blocks what pages keep
      }
    },
    close(error) {
      if (connection.closed) return;
      connection.closed = true;
      worker.terminate();
      reject(error);
    },
  };
  worker.addEventListener("error", (event) => {
    const cause = (event as ErrorEvent).message;
    connection.close(new EngineError("DeviceLost", cause ? `${cause}. ${DIED}` : DIED));
  });
  return connection;
}

function alive(connection: Connection | null): Connection | null {
  return connection && !connection.closed ? connection : null;
}

function cancelled(): EngineError {
  return new EngineError("Cancelled", "Cancelled.");
}

function orCancelled<T>(promise: Promise<T>, signal?: AbortSignal): Promise<T> {
  if (!signal) return promise;
  if (signal.aborted) return Promise.reject(cancelled());
  return new Promise((resolve, reject) => {
    const abort = () => reject(cancelled());
    signal.addEventListener("abort", abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener("abort", abort));
  });
}

/**
 * Once a step has come, the next must come too: silence for two minutes and for twenty times the slowest step is a
 * death (a stuck worker, or a page without Web Locks). Counted in ticks, so that a sleeping laptop counts as one.
 */
function watchSilence(onSilence: () => void) {
  const TICK = 10_000;
  let slowest = 0;
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
    if (slowest > 0 && ticks * TICK > Math.max(120_000, 20 * slowest)) onSilence();
  }, TICK);
  return {
    heard(milliseconds: number) {
      slowest = Math.max(slowest, milliseconds);
      ticks = 0;
    },
    stop: () => clearInterval(timer),
  };
}
