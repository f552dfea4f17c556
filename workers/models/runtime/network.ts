/** One ONNX graph as a session: typed feeds in, float32 tensors out, one run at a time on the whole engine. */
import type { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromHalf, toHalf } from "../formats/float16.ts";
import type { ExternalData } from "../formats/graph-file.ts";
import { createLock } from "./lock.ts";
import { type Runtime, startFailed } from "./runtime.ts";

/** What is fed: numbers, which take the type that the graph declares; where that is bool, all but 0 are true. */
export interface Feed {
  readonly data: Float32Array | readonly number[];
  readonly dims: readonly number[];
}

export interface NetworkInput {
  readonly name: string;
  readonly type: string;
  /** a number, or the name of a dynamic axis */
  readonly shape: readonly (number | string)[];
}

export interface Network {
  readonly inputs: readonly NetworkInput[];
  /** names */
  readonly outputs: readonly string[];
  /** Runs the graph for the named outputs. @throws EngineError DeviceLost, OutOfMemory, ModelUnsupported */
  run(feeds: Record<string, Feed>, outputs: readonly string[]): Promise<Record<string, Tensor>>;
  release(): Promise<void>;
}

/** Milliseconds spent in bare session runs since the page was opened; pipelines read it before and after. */
export interface Stopwatch {
  sessionRun: number;
}

export interface NetworkFactory {
  /**
   * @param path names the file in messages
   * @param size of the graph and its weights, in bytes
   */
  (path: string, bytes: Uint8Array, externalData?: readonly ExternalData[], size?: number): Promise<Network>;
  readonly stopwatch: Stopwatch;
  readonly webgpu: boolean;
}

/** onnxruntime-web's sessions share one WebAssembly heap and one device: creation and runs go through one lock. */
export function networkFactory(runtime: Runtime): NetworkFactory {
  const lock = createLock();
  const stopwatch: Stopwatch = { sessionRun: 0 };
  const create: (...args: Parameters<NetworkFactory>) => Promise<Network> = async (
    path,
    bytes,
    externalData = [],
    size = 0,
  ) => {
    const session = await lock(() => createSession(runtime, path, bytes, externalData, size));
    const inputs = session.inputMetadata.map((input): NetworkInput => {
      if (!input.isTensor) {
        throw new EngineError(
          "ModelUnsupported",
          `The input "${input.name}" of ${path} is no tensor; this model cannot be run.`,
        );
      }
      return { name: input.name, type: input.type, shape: input.shape };
    });
    const byName = new Map(inputs.map((input) => [input.name, input]));
    return {
      inputs,
      outputs: session.outputNames,
      release: () => lock(() => session.release()),
      run: (feeds, outputs) =>
        lock(async () => {
          const tensors: Record<string, OrtTensor> = {};
          for (const [name, feed] of Object.entries(feeds)) {
            const input = byName.get(name);
            if (input) checkShape(path, input, feed);
            tensors[name] = toTensor(runtime, path, name, input?.type, feed);
          }
          const start = performance.now();
          const results = await runSession(runtime, session, path, tensors, outputs);
          const out: Record<string, Tensor> = {};
          for (const name of outputs) out[name] = await fromTensor(path, name, results[name]);
          stopwatch.sessionRun += performance.now() - start;
          return out;
        }),
    };
  };
  return Object.assign(create, { stopwatch, webgpu: runtime.backend.kind === "webgpu" });
}

/** The first of the names that the graph has as an output. @throws EngineError ModelUnsupported when it has none of them */
export function pick(network: Network, path: string, ...names: string[]): string {
  const found = names.find((name) => network.outputs.includes(name));
  if (found) return found;
  throw new EngineError("ModelUnsupported", `${path} has no output "${names[0]}"; export it again.`);
}

/** Graphs of so many bytes are run with as little memory as can be on the CPU, where all of it is 4 GiB of WebAssembly's. */
const LARGE = 2 ** 27;

/**
 * Weights are not laid out twice: not in an arena that doubles as it grows, not once more as the kernels would like them best, and not as
 * float32 beside the float16 that they are stored in (the CPU computes in float32 and converts each weight when its turn comes; it warns of
 * each that it does not convert beforehand). Nor are they copied by the higher levels of optimisation, which doubled a U-Net's 1.7 GB.
 */
const SPARING = {
  logSeverityLevel: 3,
  enableMemPattern: false,
  enableCpuMemArena: false,
  extra: {
    session: { use_device_allocator_for_initializers: "1", disable_prepacking: "1" },
    optimization: { constant_folding_max_output_size_in_bytes: String(2 ** 20) },
  },
} as const;

async function createSession(
  runtime: Runtime,
  path: string,
  bytes: Uint8Array,
  externalData: readonly ExternalData[],
  size: number,
): Promise<InferenceSession> {
  const sparing = size >= LARGE && runtime.backend.kind === "cpu";
  try {
    return await runtime.ort.InferenceSession.create(bytes, {
      executionProviders: [...runtime.executionProviders],
      graphOptimizationLevel: sparing ? "basic" : "all",
      ...(externalData.length > 0 ? { externalData: [...externalData] } : {}),
      ...(sparing ? SPARING : {}),
    });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await throwIfLost(runtime);
    if (/bad_alloc|out of memory|allocat/i.test(message)) {
      throw new EngineError(
        "OutOfMemory",
        `${path} does not fit into memory (${message}); close other tabs and try again.`,
      );
    }
    // The first session fetches and starts the WebAssembly; after a failure onnxruntime-web refuses to try again.
    if (/no available backend/i.test(message)) throw startFailed(causeOf(message));
    const operator = missingOperator(message);
    if (operator) {
      throw new EngineError(
        "ModelUnsupported",
        `${path} needs the operator ${operator}, which onnxruntime-web does not have on ${runtime.backend.kind === "cpu" ? "the CPU" : "WebGPU"}; choose an export without it.`,
      );
    }
    throw new EngineError("ModelUnsupported", `${path} cannot be run here: ${message}`);
  } finally {
    for (const { data } of externalData) data.release?.();
  }
}

async function runSession(
  runtime: Runtime,
  session: InferenceSession,
  path: string,
  feeds: Record<string, OrtTensor>,
  outputs: readonly string[],
) {
  try {
    return await session.run(feeds, [...outputs]);
  } catch (error) {
    await throwIfLost(runtime);
    const message = error instanceof Error ? error.message : String(error);
    if (/bad_alloc|out of memory|failed to allocate/i.test(message)) {
      throw new EngineError("OutOfMemory", `${path} ran out of memory; choose a smaller picture or close other tabs.`);
    }
    throw new EngineError("ModelUnsupported", `${path} failed: ${message}`);
  }
}

async function throwIfLost(runtime: Runtime): Promise<void> {
  const reason = await runtime.lost();
  if (reason !== undefined) throw new EngineError("DeviceLost", `The GPU device was lost (${reason}).`);
}

/** @throws EngineError ModelUnsupported where the graph was exported for other sizes alone */
function checkShape(path: string, { name, shape }: NetworkInput, { dims }: Feed): void {
  const axis = shape.findIndex((size, i) => typeof size === "number" && size !== dims[i]);
  if (axis < 0 && shape.length === dims.length) return;
  const [fixed, given] = [shape[axis], dims[axis]];
  if (axis === 1 && name === "encoder_hidden_states" && shape.length === dims.length) {
    throw new EngineError(
      "ModelUnsupported",
      `${path} was exported for texts of ${fixed} tokens alone, and this text takes ${given}; shorten the prompt and the negative prompt, or choose an export whose text length is dynamic.`,
    );
  }
  if (axis === 1 && name === "input_ids" && shape.length === dims.length) {
    throw new EngineError(
      "ModelUnsupported",
      `${path} was exported for texts of ${fixed} tokens alone, and the model's tokenizer makes ${given}; choose an export whose text length is dynamic.`,
    );
  }
  throw new EngineError(
    "ModelUnsupported",
    `${path} takes "${name}" as ${shape.join(" x ")} alone and is given ${dims.join(" x ")}; choose an export with dynamic sizes.`,
  );
}

function toTensor({ ort }: Runtime, path: string, name: string, type: string | undefined, feed: Feed): OrtTensor {
  const { data, dims } = feed;
  switch (type) {
    case "int64":
      return new ort.Tensor("int64", BigInt64Array.from(Array.from(data, Math.round), BigInt), dims);
    case "int32":
      return new ort.Tensor("int32", Int32Array.from(data, Math.round), dims);
    case "uint8":
      return new ort.Tensor("uint8", new Uint8Array(Uint8ClampedArray.from(data).buffer), dims);
    case "bool":
      return new ort.Tensor(
        "bool",
        Uint8Array.from(data, (one) => (one === 0 ? 0 : 1)),
        dims,
      );
    case "float64":
      return new ort.Tensor("float64", Float64Array.from(data), dims);
    case "float32":
      return new ort.Tensor("float32", data instanceof Float32Array ? data : Float32Array.from(data), dims);
    case "float16":
      return new ort.Tensor("float16", toHalf(data), dims);
    case undefined:
      throw new EngineError("ModelUnsupported", `${path} has no input "${name}"; this model cannot be run.`);
    default:
      throw new EngineError(
        "ModelUnsupported",
        `The input "${name}" of ${path} has the type ${type}, which is not supported; export the model with float32 inputs.`,
      );
  }
}

async function fromTensor(path: string, name: string, tensor: OrtTensor): Promise<Tensor> {
  const data = await tensor.getData(true);
  if (tensor.type === "float32") return { data: data as Float32Array, dims: tensor.dims };
  if (tensor.type === "float16") {
    // a Float16Array where the runtime has it
    const halves = data as unknown as Uint16Array | ArrayLike<number>;
    return { data: halves instanceof Uint16Array ? fromHalf(halves) : Float32Array.from(halves), dims: tensor.dims };
  }
  throw new EngineError(
    "ModelUnsupported",
    `The output "${name}" of ${path} has the type ${tensor.type}, which is not supported; export the model with float32 outputs.`,
  );
}

/** The operator that no kernel was found for, as onnxruntime words it. */
function missingOperator(message: string): string | undefined {
  const found =
    /implementation for (?:the node )?(?:\S+:)?(\w+)\(/.exec(message) ??
    /(\S+) is not a registered (?:function|op)/.exec(message) ??
    /No Op registered for (\w+)/.exec(message);
  return found?.[1].replace(/\(.*$/, "").replace(/^.*[:.]/, "");
}

/** What onnxruntime-web and Emscripten wrap around it taken off. */
function causeOf(message: string): string {
  return message
    .replace(/^no available backend found\. ERR: \[\w+\] /, "")
    .replace(/\.?\)?\. Build with -sASSERTIONS.*$/, ")");
}
