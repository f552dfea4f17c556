/** onnxruntime-web's WebAssembly in Node. */
import { availableParallelism, freemem } from "node:os";
import * as ort from "onnxruntime-web";
import { EngineError } from "../workers/errors.ts";
import type { Runtime } from "../workers/models/runtime/runtime.ts";
import type { DevicePreference } from "../workers/protocol.ts";

const MOST_THREADS = 8;
/** 32-bit WebAssembly's memory, in bytes; what the layers compute needs its share. */
const HEAP = 2 ** 32;

/** @throws EngineError DeviceUnavailable for WebGPU, which onnxruntime-web does not have in Node */
export async function openNodeRuntime(device: DevicePreference): Promise<Runtime> {
  if (device === "webgpu")
    throw new EngineError("DeviceUnavailable", "The terminal runs on the CPU; open the page for WebGPU.");
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = Math.min(availableParallelism(), MOST_THREADS);
  return {
    ort,
    backend: { kind: "cpu", threads: ort.env.wasm.numThreads },
    executionProviders: ["wasm"],
    roomForWeights: Math.min(HEAP, freemem()) / 2,
    peakMemory: () => process.resourceUsage().maxRSS * 1024,
    lost: async () => undefined,
  };
}
