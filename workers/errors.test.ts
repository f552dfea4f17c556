import { expect, test } from "vitest";
import { EngineError, toEngineError } from "./errors.ts";

test("an error of the engine stays what it is", () => {
  const error = new EngineError("NotFinite", "no numbers");
  expect(toEngineError(error)).toBe(error);
});

function thrownBy(job: () => unknown): unknown {
  try {
    job();
  } catch (error) {
    return error;
  }
  throw new Error("nothing was thrown");
}

test.each([
  ["the C++ of onnxruntime", () => new Error("std::bad_alloc")],
  ["an array that no machine can hold", () => thrownBy(() => new Float32Array(Number.MAX_SAFE_INTEGER))],
  ["WebAssembly's memory", () => thrownBy(() => new WebAssembly.Memory({ initial: 1, maximum: 1 }).grow(1))],
])("out of memory: %s", (_, error) => {
  expect(toEngineError(error())).toMatchObject({ name: "OutOfMemory", message: expect.stringContaining("smaller") });
});

test.each([
  ["a fraction where a whole number must be", () => BigInt(0.5)],
  ["a call that never ends", () => thrownForEver()],
])("other RangeErrors are not memory: %s", (_, job) => {
  expect(thrownBy(job)).toBeInstanceOf(RangeError);
  expect(toEngineError(thrownBy(job)).name).toBe("Internal");
});

function thrownForEver(): unknown {
  return [thrownForEver()];
}

test("whatever else is thrown is Internal, with its text", () => {
  expect(toEngineError("a word")).toMatchObject({ name: "Internal", message: "a word" });
});
