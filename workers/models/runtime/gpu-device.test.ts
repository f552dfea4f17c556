import { describe, expect, test } from "vitest";
import { findDevice } from "./gpu-device.ts";

const graphicsCard = { vendor: "acme", architecture: "g-1", device: "", description: "", isFallbackAdapter: false };

interface Wished {
  info?: Partial<typeof graphicsCard>;
  features?: string[];
  refusal?: string;
}

/** A browser's `navigator.gpu` with one adapter, and what was asked of it. */
function gpuWith({ info = {}, features = [], refusal }: Wished) {
  const asked: GPUDeviceDescriptor[] = [];
  const limits = new Proxy({}, { get: (_, name) => (name === "maxBufferSize" ? 2 ** 31 : 64) });
  const adapter = {
    info: { ...graphicsCard, ...info },
    features: new Set(features),
    limits,
    requestDevice: async (descriptor: GPUDeviceDescriptor) => {
      asked.push(descriptor);
      if (refusal) throw new Error(refusal);
      return { features: new Set(descriptor.requiredFeatures) };
    },
  };
  return { gpu: { requestAdapter: async () => adapter } as unknown as GPU, asked };
}

describe("the WebGPU device", () => {
  test("has the adapter's own limits and, of the features that are of use, those it has", async () => {
    const { gpu, asked } = gpuWith({ features: ["shader-f16", "depth-clip-control"] });
    const { device, ...rest } = await findDevice(gpu, "auto");
    expect(device).toBeDefined();
    expect(rest).toEqual({ backend: { kind: "webgpu", adapter: "acme g-1", shaderF16: true, software: false } });
    expect(asked).toHaveLength(1);
    expect(asked[0].requiredFeatures).toEqual(["shader-f16"]);
    expect(asked[0].requiredLimits).toMatchObject({ maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 64 });
  });

  test("without half precision", async () => {
    const found = await findDevice(gpuWith({ info: { description: "Acme G1" } }).gpu, "auto");
    expect(found).toMatchObject({ backend: { adapter: "Acme G1", shaderF16: false } });
  });

  test.each([
    ["swiftshader", { vendor: "google", architecture: "swiftshader" }],
    ["llvmpipe", { vendor: "mesa", description: "llvmpipe (LLVM 17.0.6, 256 bits)" }],
    ["whatever calls itself a fallback", { isFallbackAdapter: true }],
  ])("made in software: %s is passed over by auto, and taken when WebGPU is forced", async (_, info) => {
    const { gpu, asked } = gpuWith({ info });
    expect(await findDevice(gpu, "auto")).toMatchObject({ reason: expect.stringContaining("in software") });
    expect(asked).toHaveLength(0);
    expect(await findDevice(gpu, "webgpu")).toMatchObject({ backend: { software: true } });
  });

  test.each(["auto", "webgpu"] as const)("none is to be had (%s): the reason is a sentence", async (preference) => {
    const none = { requestAdapter: async () => null } as unknown as GPU;
    const { gpu: refusing } = gpuWith({ refusal: "Too many devices." });
    expect(await findDevice(undefined, preference)).toEqual({ reason: "This browser has no WebGPU." });
    expect(await findDevice(none, preference)).toMatchObject({
      reason: expect.stringContaining("no graphics adapter"),
    });
    expect(await findDevice(refusing, preference)).toEqual({
      reason: "The graphics adapter acme g-1 refused a device (Too many devices).",
    });
  });
});
