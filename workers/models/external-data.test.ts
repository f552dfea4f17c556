import { describe, expect, test } from "vitest";
import { externalLocations } from "./external-data.ts";

/** A protobuf field with bytes in it. */
function field(number: number, ...content: (Uint8Array | string)[]): Uint8Array {
  const body = Buffer.concat(content.map((part) => (typeof part === "string" ? Buffer.from(part) : part)));
  return Buffer.concat([varint(number * 8 + 2), varint(body.length), body]);
}
function varint(value: number): Uint8Array {
  const bytes: number[] = [];
  for (; value > 127; value = Math.floor(value / 128)) bytes.push((value % 128) | 128);
  return Uint8Array.from([...bytes, value]);
}
const entry = (key: string, value: string) => field(13, field(1, key), field(2, value));
const tensor = (location: string) => [entry("location", location), entry("offset", "0"), entry("length", "64")];
const model = (...graph: Uint8Array[]) => Uint8Array.from(field(7, ...graph));

describe("where an ONNX graph's weights lie", () => {
  test("initializers, attributes and graphs within nodes, each file once", () => {
    const inner = field(5, field(1, "then_branch"), field(6, field(5, ...tensor("inner.data"))));
    const attribute = field(5, field(1, "value"), field(5, ...tensor("model.onnx_data")));
    const bytes = model(
      field(1, inner, attribute),
      field(5, field(8, "weight"), ...tensor("model.onnx_data")),
      field(5, ...tensor("model.onnx_data_1")),
    );
    expect(externalLocations("unet/model.onnx", bytes).sort()).toEqual([
      "inner.data",
      "model.onnx_data",
      "model.onnx_data_1",
    ]);
  });

  test("weights inside the graph are stepped over, whatever they look like", () => {
    expect(externalLocations("unet/model.onnx", model(field(5, field(9, ...tensor("no.data")))))).toEqual([]);
  });

  test.each(["../secret", "/etc/passwd", "a/../../b", "C:\\x", "..\\x"])("%s is refused", (location) => {
    expect(() => externalLocations("unet/model.onnx", model(field(5, ...tensor(location))))).toThrow(
      /unet\/model\.onnx asks for weights outside its folder/,
    );
  });

  test("whatever the bytes, it ends: with locations, or with the file named", () => {
    const whole = model(field(5, field(8, "weight"), ...tensor("model.onnx_data")));
    for (let length = 1; length < whole.length; length++) {
      expect(() => externalLocations("unet/model.onnx", whole.subarray(0, length))).toThrow(
        /unet\/model\.onnx is no ONNX/,
      );
    }
    for (let i = 0; i < 2000; i++) {
      const broken = whole.slice();
      broken[(i * 7) % whole.length] = (i * 31) % 256;
      try {
        externalLocations("unet/model.onnx", broken);
      } catch (error) {
        expect((error as Error).message).toContain("unet/model.onnx");
      }
    }
  });
});
