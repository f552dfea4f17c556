/** One ONNX graph as a session: typed feeds in, float32 tensors out, one run at a time on the whole engine. */
import type { InferenceSession, Tensor } from "onnxruntime-web";
import { EngineError } from "../errors.ts";
import type { Runtime } from "./runtime.ts";

export interface FloatTensor {
  readonly data: Float32Array;
  readonly dims: readonly number[];
}

/** What may be fed: float32 tensors, or whole numbers, which take the type that the graph declares. */
export type Feed = FloatTensor | { readonly integers: readonly number[]; readonly dims: readonly number[] };

export interface NetworkInput {
  readonly name: string;
  readonly type: string;
  /** a number, or the name of a dynamic axis */
  readonly shape: readonly (number | string)[];
}

export interface Network {
  readonly inputs: readonly NetworkInput[];
  /** Runs the graph; outputs by name. @throws EngineError DeviceLost, OutOfMemory */
  run(feeds: Record<string, Feed>): Promise<Record<string, FloatTensor>>;
  release(): Promise<void>;
}

/** Milliseconds spent in bare session runs since the page was opened; pipelines read it before and after. */
export interface Stopwatch {
  sessionRun: number;
}

/** Runs jobs one after the other, whatever becomes of each. */
export function createLock(): <T>(job: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (job) => {
    const result = last.then(job, job);
    last = result.catch(() => {});
    return result;
  };
}

export interface NetworkFactory {
  /** @param path names the file in messages */
  (path: string, bytes: Uint8Array): Promise<Network>;
  readonly stopwatch: Stopwatch;
}

/** onnxruntime-web's sessions share one WebAssembly heap and one device: creation and runs go through one lock. */
export function networkFactory(runtime: Runtime): NetworkFactory {
  const lock = createLock();
  const stopwatch: Stopwatch = { sessionRun: 0 };
  const create = async (path: string, bytes: Uint8Array): Promise<Network> => {
    const session = await lock(() => createSession(runtime, path, bytes));
    const inputs = session.inputMetadata.map((input): NetworkInput => {
      if (!input.isTensor) {
        throw new EngineError(
          "ModelUnsupported",
          `The input "${input.name}" of ${path} is no tensor; this model cannot be run.`,
        );
      }
      return { name: input.name, type: input.type, shape: input.shape };
    });
    const types = new Map(inputs.map((input) => [input.name, input.type]));
    return {
      inputs,
      release: () => lock(() => session.release()),
      run: (feeds) =>
        lock(async () => {
          const tensors: Record<string, Tensor> = {};
          for (const [name, feed] of Object.entries(feeds))
            tensors[name] = toTensor(runtime, path, name, types.get(name), feed);
          const start = performance.now();
          const results = await runSession(runtime, session, path, tensors);
          const out: Record<string, FloatTensor> = {};
          for (const [name, tensor] of Object.entries(results)) {
            if (tensor.type === "float32")
              out[name] = { data: (await tensor.getData(true)) as Float32Array, dims: tensor.dims };
          }
          stopwatch.sessionRun += performance.now() - start;
          return out;
        }),
    };
  };
  return Object.assign(create, { stopwatch });
}

async function createSession(runtime: Runtime, path: string, bytes: Uint8Array): Promise<InferenceSession> {
  try {
    return await runtime.ort.InferenceSession.create(bytes, {
      executionProviders: [...runtime.executionProviders],
      graphOptimizationLevel: "all",
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    if (runtime.lost() !== undefined) throw deviceLost(runtime);
    if (/bad_alloc|out of memory|allocat/i.test(message)) {
      throw new EngineError(
        "OutOfMemory",
        `${path} does not fit into memory (${message}); close other tabs and try again.`,
      );
    }
    // The first session fetches and starts the WebAssembly; after a failure onnxruntime-web refuses to try again.
    if (/no available backend/i.test(message)) {
      throw new EngineError(
        "NetworkFailed",
        `onnxruntime-web could not be started (${causeOf(message)}); check the connection and reload the page.`,
      );
    }
    throw new EngineError("ModelUnsupported", `${path} cannot be run here: ${message}`);
  }
}

async function runSession(runtime: Runtime, session: InferenceSession, path: string, feeds: Record<string, Tensor>) {
  try {
    return await session.run(feeds);
  } catch (error) {
    if (runtime.lost() !== undefined) throw deviceLost(runtime);
    const message = error instanceof Error ? error.message : String(error);
    if (/bad_alloc|out of memory|failed to allocate/i.test(message)) {
      throw new EngineError("OutOfMemory", `${path} ran out of memory; choose a smaller picture or close other tabs.`);
    }
    throw new EngineError("ModelUnsupported", `${path} failed: ${message}`);
  }
}

function deviceLost(runtime: Runtime): EngineError {
  return new EngineError("DeviceLost", `The GPU device was lost (${runtime.lost()}).`);
}

function toTensor({ ort }: Runtime, path: string, name: string, type: string | undefined, feed: Feed): Tensor {
  const numbers = "integers" in feed ? feed.integers : feed.data;
  if (type === "int64") return new ort.Tensor("int64", BigInt64Array.from(numbers as number[], BigInt), feed.dims);
  if (type === "int32") return new ort.Tensor("int32", Int32Array.from(numbers), feed.dims);
  if (type === "float32") {
    const data = numbers instanceof Float32Array ? numbers : Float32Array.from(numbers);
    return new ort.Tensor("float32", data, feed.dims);
  }
  throw new EngineError(
    "ModelUnsupported",
    type === undefined
      ? `${path} has no input "${name}"; this model cannot be run.`
      : `The input "${name}" of ${path} has the type ${type}, which is not supported; export the model with float32 inputs.`,
  );
}

/** What onnxruntime-web and Emscripten wrap around it taken off. */
function causeOf(message: string): string {
  return message
    .replace(/^no available backend found\. ERR: \[\w+\] /, "")
    .replace(/\.?\)?\. Build with -sASSERTIONS.*$/, ")");
}
