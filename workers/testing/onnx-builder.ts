/** Small ONNX models for tests, field by field (onnx.proto). */
import { integerField, lengthField } from "../models/formats/protobuf-write.ts";

export const FLOAT = 1;

export const text = (field: number, content: string): number[] => lengthField(field, Buffer.from(content));
export const message = (field: number, ...fields: number[][]): number[] => lengthField(field, fields.flat());

/** ValueInfoProto. @param dims numbers, or names of dynamic axes */
export function value(field: number, name: string, dims: readonly (number | string)[], type = FLOAT): number[] {
  const sizes = dims.map((dim) => message(1, typeof dim === "number" ? integerField(1, dim) : text(2, dim)));
  return message(field, text(1, name), message(2, message(1, integerField(1, type), message(2, ...sizes))));
}

/** @param graph fields of the GraphProto: node 1, initializer 5, input 11, output 12 */
export function onnxModel(...graph: number[][]): Uint8Array<ArrayBuffer> {
  const whole = message(7, ...graph, text(2, "graph"));
  return Uint8Array.from([...integerField(1, 8), ...message(8, integerField(2, 17)), ...whole]);
}

type Values = Record<string, readonly (number | string)[]>;

/** A graph of inputs and outputs alone: enough to tell what it is, and no session can be made of it. */
export const interfaceOnly = (inputs: Values, outputs: Values): Uint8Array<ArrayBuffer> =>
  onnxModel(
    ...Object.entries(inputs).map(([name, dims]) => value(11, name, dims)),
    ...Object.entries(outputs).map(([name, dims]) => value(12, name, dims)),
  );
