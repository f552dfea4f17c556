/** Feeds take the type that the graph declares: each is cast to float32 by a graph of one node, and given back. */
import { expect, test } from "vitest";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { FLOAT, message, onnxModel, text, value } from "../../testing/onnx-builder.ts";
import { integerField } from "../formats/protobuf-write.ts";
import { networkFactory } from "./network.ts";

/** onnx.proto's TensorProto.DataType */
const TYPES = { uint8: 2, int32: 6, int64: 7, bool: 9, float16: 10, float64: 11 };
const castToFloat = message(5, text(1, "to"), integerField(3, FLOAT), integerField(20, 2));
const cast = (type: number) =>
  onnxModel(
    message(1, text(1, "x"), text(2, "y"), text(4, "Cast"), castToFloat),
    value(11, "x", ["rows"], type),
    value(12, "y", ["rows"]),
  );

test.each<[keyof typeof TYPES, number[], number[]]>([
  ["bool", [0, 1, 0.5, -2], [0, 1, 1, 1]],
  ["uint8", [0, 127.6, 300, -1], [0, 128, 255, 0]],
  ["float64", [0.1, -2, 1e-3, 5], [0.1, -2, 1e-3, 5]],
  ["int32", [0, 1.6, -3, 7], [0, 2, -3, 7]],
  ["int64", [0, 1.6, -3, 7], [0, 2, -3, 7]],
  ["float16", [0, 0.5, -3, 7], [0, 0.5, -3, 7]],
])("%s", async (type, given, expected) => {
  const network = await networkFactory(await openNodeRuntime("cpu"))("cast.onnx", cast(TYPES[type]));
  expect(network.inputs[0].type).toBe(type);
  for (const data of [given, Float32Array.from(given)]) {
    const { y } = await network.run({ x: { data, dims: [given.length] } }, ["y"]);
    expect(y.data).toEqual(Float32Array.from(expected));
  }
});
