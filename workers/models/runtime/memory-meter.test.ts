import { expect, test } from "vitest";
import { createMemoryMeter } from "./memory-meter.ts";

const PAGE = 2 ** 16;

test("WebAssembly memories count with what they grew to, those from before do not", () => {
  const scope = { Memory: WebAssembly.Memory };
  new scope.Memory({ initial: 7 });
  const meter = createMemoryMeter();
  meter.watchWasm(scope);
  const memory = new scope.Memory({ initial: 2, maximum: 9 });
  expect(memory).toBeInstanceOf(WebAssembly.Memory);
  expect(meter.peak()).toBe(2 * PAGE);
  memory.grow(3);
  expect(meter.peak()).toBe(5 * PAGE);
});

test("GPU buffers count until they are destroyed, each once, and the most at a time is told", () => {
  let destroyed = 0;
  const device = { createBuffer: () => ({ destroy: () => void destroyed++ }) as unknown as GPUBuffer };
  const meter = createMemoryMeter();
  meter.watchGpu(device as Pick<GPUDevice, "createBuffer">);
  const make = (size: number) => (device as Pick<GPUDevice, "createBuffer">).createBuffer({ size, usage: 0 });
  const first = make(100);
  make(50);
  first.destroy();
  first.destroy();
  expect(destroyed).toBe(2);
  make(60);
  expect(meter.peak()).toBe(150);
  make(70);
  expect(meter.peak()).toBe(180);
});
