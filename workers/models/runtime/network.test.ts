import { describe, expect, test } from "vitest";
import { createLock } from "./lock.ts";
import { networkFactory } from "./network.ts";
import type { Runtime } from "./runtime.ts";

describe("the lock", () => {
  test("runs one job at a time, in the order of asking, whatever becomes of each", async () => {
    const lock = createLock();
    const events: string[] = [];
    const job = (name: string, milliseconds: number, fails = false) =>
      lock(async () => {
        events.push(`${name} begins`);
        await new Promise((resolve) => setTimeout(resolve, milliseconds));
        events.push(`${name} ends`);
        if (fails) throw new Error(name);
        return name;
      });
    const results = await Promise.allSettled([job("a", 8), job("b", 1, true), job("c", 1)]);
    expect(results.map((result) => result.status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect(events).toEqual(["a", "b", "c"].flatMap((name) => [`${name} begins`, `${name} ends`]));
  });
});

describe("a session that cannot be made: the file, the cause and the remedy", () => {
  const creation = (message: string, lost?: string) => {
    const create = () => Promise.reject(new Error(message));
    const backend = { kind: "cpu", threads: 1 };
    const runtime = {
      ort: { InferenceSession: { create } },
      backend,
      executionProviders: ["wasm"],
      lost: async () => lost,
    };
    return networkFactory(runtime as unknown as Runtime)("unet/model.onnx", new Uint8Array(1));
  };

  test.each([
    ["ModelUnsupported", "no kernel for NhwcConv", undefined, /^unet\/model\.onnx cannot be run here: .*NhwcConv/],
    ["OutOfMemory", "std::bad_alloc", undefined, /^unet\/model\.onnx does not fit into memory .* close other tabs/],
    ["DeviceLost", "a buffer is gone", "the driver was reset", /the driver was reset/],
    [
      "NetworkFailed",
      "no available backend found. ERR: [wasm] RuntimeError: Aborted(NetworkError: Failed to load 'x.wasm'.). Build with -sASSERTIONS for more info.",
      undefined,
      /^onnxruntime-web .* \(RuntimeError: Aborted\(NetworkError: Failed to load 'x\.wasm'\)\); .* reload the page\.$/,
    ],
    [
      "DeviceUnavailable",
      "no available backend found. ERR: [webgpu] Error: WebAssembly SIMD is not supported in the current environment.",
      undefined,
      /^onnxruntime-web cannot run in this browser \(Error: WebAssembly SIMD is not supported in the current environment\); update the browser\.$/,
    ],
  ])("%s", async (name, cause, lost, message) => {
    await expect(creation(cause, lost)).rejects.toMatchObject({ name, message: expect.stringMatching(message) });
  });
});
