/**
 * What an ONNX file says of its graph, read without its weights: inputs, outputs, operators, initializers and where their bytes lie
 * (onnx.proto: ModelProto.graph 7, functions 25; GraphProto.node 1, initializer 5, sparse_initializer 15, input 11, output 12). A file of
 * gigabytes is read in windows; weights inside it are stepped over.
 */
import { EngineError } from "../errors.ts";
import type { FilePart } from "./weight-file.ts";

export interface GraphValue {
  readonly name: string;
  /** as onnxruntime-web names it: float32, float16, int64, ... */
  readonly type: string;
  /** a number, or the name of a dynamic axis */
  readonly shape: readonly (number | string)[];
}

export interface GraphNode {
  readonly name: string;
  readonly operator: string;
  /** empty: ONNX's own */
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** whole numbers by the attribute's name: strides, perm, transB, to */
  readonly integers: Readonly<Record<string, readonly number[]>>;
}

export interface Initializer {
  readonly name: string;
  /** TensorProto.DataType: 1 float32, 10 float16 */
  readonly type: number;
  readonly dims: readonly number[];
  /** where the whole TensorProto lies in the graph's file, its tag and length included */
  readonly start: number;
  readonly end: number;
  /** where its bytes lie; undefined where they are written number by number */
  readonly data?: { readonly location: string | undefined; readonly offset: number; readonly length: number };
}

export interface OnnxGraph {
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  /** where the GraphProto lies in the file: the start of its tag, of its content, and its end */
  readonly place: { readonly tag: number; readonly start: number; readonly end: number };
}

const TYPES: Record<number, string> = {
  1: "float32",
  2: "uint8",
  3: "int8",
  6: "int32",
  7: "int64",
  9: "bool",
  10: "float16",
  11: "float64",
  16: "bfloat16",
};

const WINDOW = 1 << 18;
const decoder = new TextDecoder();

/** @throws EngineError ModelFileCorrupt when the file is no ONNX graph */
export async function readGraph(path: string, file: FilePart): Promise<OnnxGraph> {
  const reader = new Windows(path, file);
  const model = await reader.fields(0, file.size);
  const graph = model.findLast(({ field, wire }) => field === 7 && wire === 2);
  if (!graph) throw corrupt(path);
  const inputs: GraphValue[] = [];
  const outputs: GraphValue[] = [];
  const nodes: GraphNode[] = [];
  const initializers: Initializer[] = [];
  for (const one of await reader.fields(graph.start, graph.end)) {
    if (one.wire !== 2) continue;
    if (one.field === 1) nodes.push(readNode(path, await reader.message(one)));
    else if (one.field === 5) initializers.push(await readInitializer(reader, one));
    else if (one.field === 11) inputs.push(readValue(await reader.message(one)));
    else if (one.field === 12) outputs.push(readValue(await reader.message(one)));
  }
  const names = new Set(initializers.map(({ name }) => name));
  return {
    // old exports list the weights as inputs, too
    inputs: inputs.filter(({ name }) => !names.has(name)),
    outputs,
    nodes,
    initializers,
    place: { tag: graph.tag, start: graph.start, end: graph.end },
  };
}

interface Field {
  readonly field: number;
  readonly wire: number;
  /** where its tag begins, where its content begins and ends */
  readonly tag: number;
  readonly start: number;
  readonly end: number;
  /** of a whole number */
  readonly value: number;
}

/** Reads a file in windows, so that walking over it costs few reads and no more memory than one of them. */
class Windows {
  readonly path: string;
  readonly file: FilePart;
  private bytes = new Uint8Array(0);
  private from = 0;

  constructor(path: string, file: FilePart) {
    this.path = path;
    this.file = file;
  }

  async bytesAt(start: number, end: number): Promise<Uint8Array> {
    if (end > this.file.size) throw corrupt(this.path);
    if (start < this.from || end > this.from + this.bytes.length) {
      const stop = Math.min(Math.max(end, start + WINDOW), this.file.size);
      this.bytes = new Uint8Array(await this.file.slice(start, stop).arrayBuffer());
      this.from = start;
      if (this.bytes.length < end - start) throw corrupt(this.path);
    }
    return this.bytes.subarray(start - this.from, end - this.from);
  }

  /** The fields of a message, their contents unread. */
  async fields(start: number, end: number): Promise<Field[]> {
    const found: Field[] = [];
    for (let at = start; at < end; ) {
      const head = await this.bytesAt(at, Math.min(at + 20, end));
      const one = fieldAt(this.path, head, 0, end - at);
      found.push({ ...one, tag: at, start: at + one.start, end: at + one.end });
      at += one.end;
    }
    return found;
  }

  /** A field's content, as a message that is read in whole. */
  async message({ start, end }: Field): Promise<Map<number, Content[]>> {
    return parse(this.path, await this.bytesAt(start, end));
  }
}

type Content = { readonly bytes: Uint8Array; readonly value: number; readonly wire: number };

function fieldAt(path: string, bytes: Uint8Array, from: number, limit: number): Field {
  let at = from;
  const varint = (): number => {
    let value = 0;
    for (let shift = 1; at < bytes.length; shift *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw corrupt(path);
  };
  const tag = varint();
  const wire = tag % 8;
  let value = 0;
  let start = at;
  let end = at;
  if (wire === 0) {
    value = varint();
    end = at;
  } else if (wire === 1) end = at + 8;
  else if (wire === 5) end = at + 4;
  else if (wire === 2) {
    const length = varint();
    start = at;
    end = at + length;
  } else throw corrupt(path);
  if (end - from > limit) throw corrupt(path);
  return { field: Math.floor(tag / 8), wire, tag: from, start, end, value };
}

function parse(path: string, bytes: Uint8Array): Map<number, Content[]> {
  const fields = new Map<number, Content[]>();
  for (let at = 0; at < bytes.length; ) {
    const one = fieldAt(path, bytes, at, bytes.length - at);
    const list = fields.get(one.field) ?? [];
    list.push({ bytes: bytes.subarray(one.start, one.end), value: one.value, wire: one.wire });
    fields.set(one.field, list);
    at = one.end;
  }
  return fields;
}

const text = (fields: Map<number, Content[]>, field: number) => {
  const last = fields.get(field)?.at(-1);
  return last ? decoder.decode(last.bytes) : "";
};

/** Whole numbers, packed or one by one. */
function integers(path: string, fields: Map<number, Content[]>, field: number): number[] {
  return (fields.get(field) ?? []).flatMap(({ bytes, value, wire }) => {
    if (wire !== 2) return [value];
    const packed: number[] = [];
    for (let at = 0; at < bytes.length; ) {
      let number = 0;
      for (let shift = 1; ; shift *= 128) {
        if (at >= bytes.length) throw corrupt(path);
        const byte = bytes[at++];
        number += (byte & 127) * shift;
        if (byte < 128) break;
      }
      packed.push(number);
    }
    return packed;
  });
}

/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. AttributeProto: name 1, i 3, ints 8. */
function readNode(path: string, node: Map<number, Content[]>): GraphNode {
  const all = (field: number) => (node.get(field) ?? []).map(({ bytes }) => decoder.decode(bytes));
  const values: Record<string, number[]> = {};
  for (const { bytes } of node.get(5) ?? []) {
    const attribute = parse(path, bytes);
    const found = [...integers(path, attribute, 3), ...integers(path, attribute, 8)];
    if (found.length > 0) values[text(attribute, 1)] = found;
  }
  return {
    name: text(node, 3),
    operator: text(node, 4),
    domain: text(node, 7),
    inputs: all(1),
    outputs: all(2),
    integers: values,
  };
}

/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13 (key 1, value 2). Its numbers are stepped over. */
async function readInitializer(reader: Windows, { tag, start, end }: Field): Promise<Initializer> {
  const small = new Map<number, Content[]>();
  let raw: { start: number; end: number } | undefined;
  for (const one of await reader.fields(start, end)) {
    if (one.field === 9) raw = { start: one.start, end: one.end };
    else if ([1, 2, 8, 13].includes(one.field)) {
      const bytes = (await reader.bytesAt(one.start, one.end)).slice();
      small.set(one.field, [...(small.get(one.field) ?? []), { bytes, value: one.value, wire: one.wire }]);
    }
  }
  const external: Record<string, string> = {};
  for (const { bytes } of small.get(13) ?? []) {
    const entry = parse(reader.path, bytes);
    external[text(entry, 1)] = text(entry, 2);
  }
  const common = {
    name: text(small, 8),
    type: integers(reader.path, small, 2)[0] ?? 0,
    dims: integers(reader.path, small, 1),
    start: tag,
    end,
  };
  if (external.location !== undefined) {
    const data = {
      location: external.location,
      offset: Number(external.offset ?? 0),
      length: Number(external.length ?? 0),
    };
    return { ...common, data };
  }
  return raw ? { ...common, data: { location: undefined, offset: raw.start, length: raw.end - raw.start } } : common;
}

/** ValueInfoProto: name 1, type 2; TypeProto.tensor_type 1: elem_type 1, shape 2; dim 1: dim_value 1, dim_param 2. */
function readValue(value: Map<number, Content[]>): GraphValue {
  const inside = (fields: Map<number, Content[]> | undefined, field: number) => {
    const last = fields?.get(field)?.at(-1);
    return last ? parse("", last.bytes) : undefined;
  };
  const tensor = inside(inside(value, 2), 1);
  const dims = inside(tensor, 2)?.get(1) ?? [];
  const type = tensor?.get(1)?.at(-1)?.value ?? 0;
  return {
    name: text(value, 1),
    type: TYPES[type] ?? `type ${type}`,
    shape: dims.map(({ bytes }, i) => {
      const dim = parse("", bytes);
      return dim.get(1)?.at(-1)?.value ?? (text(dim, 2) || `axis ${i}`);
    }),
  };
}

function corrupt(path: string): EngineError {
  return new EngineError(
    "ModelFileCorrupt",
    `The model file ${path} is no ONNX graph; put the right file there and load again.`,
  );
}
