/**
 * What an ONNX file says of its graph, read without its weights: inputs, outputs, operators, initializers, and every tensor whose bytes lie
 * in another file, wherever in the graph it stands: as an initializer, in a node's attribute, in a subgraph, in a function (onnx.proto).
 */
import { EngineError } from "../../errors.ts";
import { type Message, readMessage, type Shape } from "./protobuf.ts";
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
  /** dimensions of the tensor that a Constant holds */
  readonly constant?: readonly number[];
  readonly proto: Message;
}

/** A tensor's bytes in a file beside the graph's. */
export interface ExternalTensor {
  readonly name: string;
  /** as the graph writes it, relative to the graph's folder */
  readonly location: string;
  readonly offset: number;
  /** 0 where the graph does not say it: up to the end of the file */
  readonly length: number;
  /** in a subgraph or a function, where onnxruntime-web does not look for other files */
  readonly isNested: boolean;
  readonly proto: Message;
}

export interface Initializer {
  readonly name: string;
  /** TensorProto.DataType: 1 float32, 10 float16 */
  readonly type: number;
  readonly dims: readonly number[];
  /** where its bytes lie; undefined where they are written number by number */
  readonly data?: { readonly location: string | undefined; readonly offset: number; readonly length: number };
  readonly proto: Message;
}

export interface OnnxGraph {
  /** version of ONNX's own operators */
  readonly opset: number;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  readonly nodes: readonly GraphNode[];
  readonly initializers: readonly Initializer[];
  /** all tensors in files beside the graph's, the initializers among them */
  readonly external: readonly ExternalTensor[];
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

/** StringStringEntryProto: key, value. */
const ENTRY: Shape = { 1: "text", 2: "text" };
/** TensorProto: dims 1, data_type 2, name 8, raw_data 9, external_data 13. */
const TENSOR: Shape = { 1: "integers", 2: "integers", 8: "text", 9: "place", 13: ENTRY };
/** SparseTensorProto: values 1, indices 2. */
const SPARSE: Shape = { 1: TENSOR, 2: TENSOR };
/** Dimension: dim_value 1, dim_param 2. */
const DIMENSION: Shape = { 1: "integers", 2: "text" };
/** ValueInfoProto: name 1, type 2; TypeProto: tensor_type 1; its elem_type 1 and shape 2, which has dim 1. */
const VALUE: Shape = { 1: "text", 2: { 1: { 1: "integers", 2: { 1: DIMENSION } } } };
const GRAPH: { [field: number]: Shape[number] } = {};
/** AttributeProto: name 1, i 3, t 5, g 6, ints 8, tensors 10, graphs 11, sparse_tensor 22, sparse_tensors 23. */
const ATTRIBUTE: Shape = {
  1: "text",
  3: "integers",
  5: TENSOR,
  6: GRAPH,
  8: "integers",
  10: TENSOR,
  11: GRAPH,
  22: SPARSE,
  23: SPARSE,
};
/** NodeProto: input 1, output 2, name 3, op_type 4, attribute 5, domain 7. */
const NODE: Shape = { 1: "text", 2: "text", 3: "text", 4: "text", 5: ATTRIBUTE, 7: "text" };
/** GraphProto: node 1, initializer 5, input 11, output 12, sparse_initializer 15. */
Object.assign(GRAPH, { 1: NODE, 5: TENSOR, 11: VALUE, 12: VALUE, 15: SPARSE });
/** ModelProto: graph 7, opset_import 8 (domain 1, version 2), functions 25 (FunctionProto: node 7, attribute_proto 11). */
const MODEL: Shape = { 7: GRAPH, 8: { 1: "text", 2: "integers" }, 25: { 7: NODE, 11: ATTRIBUTE } };

/**
 * @param path of the graph in the model's folder, for messages
 * @throws EngineError ModelFileCorrupt when the file is not an ONNX graph, ModelUnsupported on weights outside of its folder
 */
export async function readGraph(path: string, file: FilePart): Promise<OnnxGraph> {
  const corrupt = () =>
    new EngineError(
      "ModelFileCorrupt",
      `The model file ${path} is not an ONNX graph; put the right file there and load again.`,
    );
  const found: Message[] = [];
  const graphs = new Set<Message>();
  const model = await readMessage(file, MODEL, corrupt, (message, shape) => {
    if (shape === TENSOR && message.messages(13).length > 0) found.push(message);
    else if (shape === GRAPH) graphs.add(message);
  });
  const graph = model.message(7);
  if (!graph) throw corrupt();
  const external = found.flatMap((proto) => {
    const data = externalData(proto);
    if (!data) return [];
    checkLocation(path, data.location);
    return { name: proto.text(8) ?? "", ...data, isNested: innermost(proto, graphs) !== graph, proto };
  });
  const initializers = graph.messages(5).map(readInitializer);
  const names = new Set(initializers.map(({ name }) => name));
  const opset = model.messages(8).find((one) => ["", "ai.onnx"].includes(one.text(1) ?? ""));
  return {
    opset: opset?.integer(2) ?? 1,
    // old exports list the weights as inputs, too
    inputs: graph
      .messages(11)
      .map(readValue)
      .filter(({ name }) => !names.has(name)),
    outputs: graph.messages(12).map(readValue),
    nodes: graph.messages(1).map(readNode),
    initializers,
    external,
  };
}

function innermost(message: Message, graphs: ReadonlySet<Message>): Message | undefined {
  for (let at = message.parent; at; at = at.parent) if (graphs.has(at)) return at;
  return undefined;
}

function externalData(tensor: Message): Pick<ExternalTensor, "location" | "offset" | "length"> | undefined {
  const entries = new Map(tensor.messages(13).map((entry) => [entry.text(1), entry.text(2) ?? ""]));
  const location = entries.get("location");
  if (location === undefined) return undefined;
  return { location, offset: Number(entries.get("offset") ?? 0), length: Number(entries.get("length") ?? 0) };
}

function checkLocation(path: string, location: string): void {
  if (!/^\/|^[a-z]:|\\|(^|\/)\.\.(\/|$)/i.test(location)) return;
  throw new EngineError(
    "ModelUnsupported",
    `${path} asks for weights outside its folder (${location}); export it again.`,
  );
}

function readNode(node: Message): GraphNode {
  const integers: Record<string, number[]> = {};
  for (const attribute of node.messages(5)) {
    const found = [...attribute.integers(3), ...attribute.integers(8)];
    if (found.length > 0) integers[attribute.text(1) ?? ""] = found;
  }
  const constant = node
    .messages(5)
    .find((attribute) => attribute.text(1) === "value")
    ?.message(5);
  return {
    name: node.text(3) ?? "",
    operator: node.text(4) ?? "",
    domain: node.text(7) ?? "",
    inputs: node.texts(1),
    outputs: node.texts(2),
    integers,
    ...(constant && { constant: constant.integers(1) }),
    proto: node,
  };
}

function readInitializer(tensor: Message): Initializer {
  const raw = tensor.placeOf(9);
  const data = externalData(tensor) ?? (raw && { location: undefined, offset: raw.start, length: raw.end - raw.start });
  return {
    name: tensor.text(8) ?? "",
    type: tensor.integer(2) ?? 0,
    dims: tensor.integers(1),
    ...(data && { data }),
    proto: tensor,
  };
}

function readValue(value: Message): GraphValue {
  const tensor = value.message(2)?.message(1);
  const dims = tensor?.message(2)?.messages(1) ?? [];
  const type = tensor?.integer(1) ?? 0;
  return {
    name: value.text(1) ?? "",
    type: TYPES[type] ?? `type ${type}`,
    shape: dims.map((dim, i) => dim.integer(1) ?? (dim.text(2) || `axis ${i}`)),
  };
}
