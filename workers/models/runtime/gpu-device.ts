/** The choice of a WebGPU device, or the reason why there is none. */
import type { Backend } from "../../protocol.ts";

export type WebGpuBackend = Extract<Backend, { kind: "webgpu" }>;

export type FoundDevice =
  | { readonly device: GPUDevice; readonly backend: WebGpuBackend }
  /** a whole sentence */
  | { readonly device?: undefined; readonly reason: string };

/**
 * `auto` passes over adapters that are made in software, which are slower than WebAssembly; `webgpu` takes them.
 * @param gpu `navigator.gpu`, absent in browsers without WebGPU
 */
export async function findDevice(gpu: GPU | undefined, preference: "auto" | "webgpu"): Promise<FoundDevice> {
  if (!gpu) return { reason: "This browser has no WebGPU." };
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) return { reason: "This browser has WebGPU, but no graphics adapter that it may use." };
  const software = isSoftware(adapter);
  if (preference === "auto" && software) {
    return { reason: "The only WebGPU adapter is made in software, which is slower than the CPU itself." };
  }
  try {
    const device = await adapter.requestDevice(everything(adapter));
    const shaderF16 = device.features.has("shader-f16");
    return { device, backend: { kind: "webgpu", adapter: nameOf(adapter), shaderF16, software } };
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error);
    return { reason: `The graphics adapter ${nameOf(adapter)} refused a device (${cause.replace(/\.$/, "")}).` };
  }
}

function isSoftware({ info }: GPUAdapter): boolean {
  return (
    info.isFallbackAdapter ||
    /swiftshader|llvmpipe|lavapipe|basic render/i.test(
      `${info.vendor} ${info.architecture} ${info.device} ${info.description}`,
    )
  );
}

function nameOf({ info }: GPUAdapter): string {
  return info.description || [info.vendor, info.architecture].filter(Boolean).join(" ") || "unnamed adapter";
}

const LIMITS = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxComputeWorkgroupSizeY",
  "maxComputeWorkgroupSizeZ",
  "maxComputeWorkgroupsPerDimension",
] as const;

const FEATURES: readonly GPUFeatureName[] = ["shader-f16", "subgroups", "timestamp-query"];

/** All that the adapter offers: models are larger than WebGPU's default limits allow. */
function everything({ limits, features }: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredLimits: Object.fromEntries(LIMITS.map((name) => [name, limits[name]])),
    requiredFeatures: FEATURES.filter((feature) => features.has(feature)),
  };
}
