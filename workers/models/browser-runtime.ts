/**
 * Opens onnxruntime-web in a browser's worker. One of its two WebGPU builds is fetched, never both: JSPI where the browser can
 * suspend WebAssembly, Asyncify elsewhere. The CPU path is the WebAssembly provider of the same build.
 */
import { EngineError } from "../errors.ts";
import type { Backend, DevicePreference } from "../protocol.ts";
import type { Runtime } from "./runtime.ts";

const MOST_THREADS = 8;

/** @throws EngineError DeviceUnavailable when WebGPU is forced and cannot be had */
export async function openBrowserRuntime(preference: DevicePreference): Promise<Runtime> {
  const { adapter, reason } =
    preference === "cpu" ? { adapter: null, reason: undefined } : await findAdapter(preference);
  if (preference === "webgpu" && !adapter) {
    throw new EngineError("DeviceUnavailable", `${reason} Take ?device=webgpu out of the address to use the CPU.`);
  }
  const ort =
    "Suspending" in WebAssembly ? await import("onnxruntime-web/jspi") : await import("onnxruntime-web/webgpu");
  ort.env.logLevel = "error";
  ort.env.wasm.numThreads = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
  if (!adapter) {
    const slow = crossOriginIsolated
      ? undefined
      : "This page is not cross-origin isolated, so that only one thread can be used.";
    const why = [reason, slow].filter(Boolean).join(" ");
    const backend: Backend = { kind: "cpu", threads: ort.env.wasm.numThreads, ...(why ? { reason: why } : {}) };
    return { ort, backend, executionProviders: ["wasm"], lost: () => undefined };
  }
  const device = await openDevice(adapter);
  // onnxruntime-web declares the setting with the types of another @webgpu/types
  Object.assign(ort.env.webgpu, { device });
  let lost: string | undefined;
  void device.lost.then(({ message }) => {
    lost = message || "no reason given";
  });
  return {
    ort,
    backend: {
      kind: "webgpu",
      adapter: nameOf(adapter),
      shaderF16: device.features.has("shader-f16"),
      software: isSoftware(adapter),
    },
    executionProviders: ["webgpu", "wasm"],
    lost: () => lost,
  };
}

async function findAdapter(preference: DevicePreference): Promise<{ adapter: GPUAdapter | null; reason?: string }> {
  if (!navigator.gpu) return { adapter: null, reason: "This browser has no WebGPU." };
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { adapter: null, reason: "This browser has WebGPU, but no graphics adapter that it may use." };
  if (preference === "auto" && isSoftware(adapter)) {
    return {
      adapter: null,
      reason: "The only WebGPU adapter is made in software, which is slower than the CPU itself.",
    };
  }
  return { adapter };
}

function isSoftware({ info }: GPUAdapter): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(`${info.architecture} ${info.device} ${info.description}`)
  );
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
}

/** A device with all that the adapter offers: models are larger than WebGPU's default limits allow. */
async function openDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const requiredLimits: Record<string, number> = {};
  for (const name of [
    "maxBufferSize",
    "maxStorageBufferBindingSize",
    "maxStorageBuffersPerShaderStage",
    "maxComputeWorkgroupStorageSize",
    "maxComputeInvocationsPerWorkgroup",
    "maxComputeWorkgroupSizeX",
    "maxComputeWorkgroupSizeY",
    "maxComputeWorkgroupSizeZ",
    "maxComputeWorkgroupsPerDimension",
  ] as const) {
    requiredLimits[name] = adapter.limits[name];
  }
  const wanted: GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];
  const requiredFeatures = wanted.filter((feature) => adapter.features.has(feature));
  try {
    return await adapter.requestDevice({ requiredLimits, requiredFeatures });
  } catch (error) {
    throw new EngineError(
      "DeviceUnavailable",
      `The graphics adapter refused a device (${error instanceof Error ? error.message : error}); reload the page, or add ?device=cpu to its address.`,
    );
  }
}
