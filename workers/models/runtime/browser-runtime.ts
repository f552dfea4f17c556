/**
 * Opens onnxruntime-web in a browser's worker. One of its two WebGPU builds is fetched, never both: JSPI where the browser can
 * suspend WebAssembly, Asyncify elsewhere. The CPU path is the WebAssembly provider of the same build.
 */
import asyncifyUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import jspiUrl from "onnxruntime-web/ort-wasm-simd-threaded.jspi.wasm?url";
import { EngineError } from "../../errors.ts";
import type { Backend, DevicePreference } from "../../protocol.ts";
import { findDevice } from "./gpu-device.ts";
import { createMemoryMeter } from "./memory-meter.ts";
import { type Runtime, startFailed } from "./runtime.ts";

const MOST_THREADS = 8;
/** 32-bit WebAssembly's memory, in bytes; what the layers compute needs its share. */
const HEAP = 2 ** 32;
const USUAL_GIGABYTES = 8;
/** When the GPU's process dies, what waits for a buffer may fail before the device says that it is lost: milliseconds until it has. */
const LOSS_IS_TOLD = 1000;

/** @throws EngineError DeviceUnavailable when WebGPU is forced and cannot be had */
export async function openBrowserRuntime(preference: DevicePreference): Promise<Runtime> {
  const found = preference === "cpu" ? undefined : await findDevice(navigator.gpu, preference);
  if (preference === "webgpu" && found && !found.device) {
    throw new EngineError(
      "DeviceUnavailable",
      `${found.reason} Take ?device=webgpu out of the address to use the CPU.`,
    );
  }
  const meter = createMemoryMeter();
  meter.watchWasm(WebAssembly);
  if (found?.device) meter.watchGpu(found.device);
  const ort = await fetchOrt();
  ort.env.logLevel = "error";
  // WebKitGTK isolates a page and has no SharedArrayBuffer all the same.
  const canShare = crossOriginIsolated && typeof SharedArrayBuffer !== "undefined";
  ort.env.wasm.numThreads = canShare ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
  if (!found?.device) {
    const slow = canShare ? undefined : `${noSharing()} Only one thread can be used.`;
    const why = [found?.reason, slow].filter(Boolean).join(" ");
    const backend: Backend = { kind: "cpu", threads: ort.env.wasm.numThreads, ...(why ? { reason: why } : {}) };
    const roomForWeights = Math.min(HEAP, deviceMemory()) / 2;
    return {
      ort,
      backend,
      executionProviders: ["wasm"],
      roomForWeights,
      peakMemory: meter.peak,
      lost: async () => undefined,
    };
  }
  const { device, backend } = found;
  const reason = device.lost.then(({ message }) => message || "no reason given");
  const lost = () => Promise.race([reason, new Promise<undefined>((done) => setTimeout(done, LOSS_IS_TOLD))]);
  // Without the device onnxruntime-web would ask for one of its own, whose end nobody would hear of.
  const executionProviders = [{ name: "webgpu", device }, "wasm"] as const;
  return { ort, backend, executionProviders, roomForWeights: deviceMemory() / 2, peakMemory: meter.peak, lost };
}

/** Bytes, as the browser rounds them; one that does not say is taken for a machine of the usual size. */
function deviceMemory(): number {
  const { deviceMemory: gigabytes = USUAL_GIGABYTES } = navigator as { deviceMemory?: number };
  return gigabytes * 2 ** 30;
}

function noSharing(): string {
  if (self.origin === "null") return "This page is in a sandboxed frame.";
  if (!isSecureContext) return "Browsers give SharedArrayBuffer only to pages served over https.";
  return crossOriginIsolated ? "This browser has no SharedArrayBuffer." : "This page is not cross-origin isolated.";
}

async function fetchOrt() {
  try {
    const jspi = "Suspending" in WebAssembly;
    const ort = jspi ? await import("onnxruntime-web/jspi") : await import("onnxruntime-web/webgpu");
    // In a sandboxed frame every file is another origin's: onnxruntime-web would look for a second script, unless it is given the bytes.
    if (self.origin === "null")
      ort.env.wasm.wasmBinary = await (await fetch(jspi ? jspiUrl : asyncifyUrl)).arrayBuffer();
    return ort;
  } catch (error) {
    throw startFailed(error instanceof Error ? error.message : String(error));
  }
}
