/// <reference types="node" />
/** Files from anywhere: what is wrong with one is said in a sentence, whatever stands in its header. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EngineError } from "../../errors.ts";
import { readLora } from "../lora/lora-file.ts";
import { readSafetensors } from "./safetensors.ts";

function fileOf(header: string): Uint8Array<ArrayBuffer> {
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(Buffer.byteLength(header)));
  return new Uint8Array(Buffer.concat([length, Buffer.from(header), Buffer.alloc(64)]));
}

const tensor = (over: object) => JSON.stringify({ a: { dtype: "F32", shape: [1], data_offsets: [0, 4], ...over } });

describe("an odd header", () => {
  test.each([
    "",
    "null",
    "5",
    '"x"',
    '{"a":null}',
    '{"a":5}',
    '{"a":{}}',
    tensor({ shape: 5 }),
    tensor({ shape: ["1"] }),
    tensor({ shape: [1.5], data_offsets: [0, 6] }),
    tensor({ shape: [-1], data_offsets: [0, -4] }),
    tensor({ shape: [1e300] }),
    tensor({ data_offsets: 5 }),
    tensor({ data_offsets: [0] }),
    tensor({ data_offsets: [-4, 0] }),
    tensor({ data_offsets: [100, 104] }),
  ])("%s", (header) => {
    expect(() => readSafetensors("x.safetensors", fileOf(header))).toThrow(
      expect.objectContaining({ name: "ModelFileCorrupt" }),
    );
  });

  test("types that are not read, and those that JavaScript's objects know, are named", () => {
    for (const dtype of ["F4", "constructor", "__proto__"])
      expect(readSafetensors("x", fileOf(tensor({ dtype }))).unread).toEqual(["a"]);
  });
});

test("mutated LoRA files are read or refused, never broken off", () => {
  const original = readFileSync(new URL("../../testing/lora/kohya.safetensors", import.meta.url));
  let state = 1;
  const pick = (below: number) => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state % below;
  };
  const seen = { read: 0, refused: 0 };
  for (let i = 0; i < 1000; i++) {
    const bytes = new Uint8Array(original);
    for (let times = 1 + pick(3); times > 0; times--) bytes[pick(pick(4) ? 4000 : bytes.length)] = pick(256);
    try {
      readLora("x", 1, readSafetensors("x", bytes));
      seen.read++;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      seen.refused++;
    }
  }
  expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(50);
});
