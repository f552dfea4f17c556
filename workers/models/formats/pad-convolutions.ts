/**
 * onnxruntime-web 1.30 computes a convolution wrongly on WebGPU where the number of its input channels is a multiple of 3, more than 3 and
 * not a multiple of 4, and the number of its output channels is a multiple of 4 (microsoft/onnxruntime#29651): inpainting models with 9
 * channels draw something else. Padded with zeros to a multiple of 4 channels, the same sum goes through a kernel that is right.
 */
import type { GraphNode, OnnxGraph } from "./onnx-graph.ts";
import type { Message } from "./protobuf.ts";
import { integerField, lengthField, textField } from "./protobuf-write.ts";
import type { FilePart } from "./weight-file.ts";

/** Opsets from this one on take the widths of a Pad as an input, earlier ones as an attribute. */
const OPSET_WITH_PADS_AS_INPUT = 11;
/** TensorProto.DataType and AttributeProto.AttributeType. */
const INT64 = 7;
const INTS = 7;

/** @returns in place of each convolution that would be computed wrongly: its input and its weight padded, and itself on those */
export async function padConvolutions(file: FilePart, graph: OnnxGraph): Promise<Map<Message, Uint8Array>> {
  const shapes = weightShapes(graph);
  const replaced = new Map<Message, Uint8Array>();
  for (const node of graph.nodes) {
    const shape = shapes.get(node.inputs[1]);
    if (!shape || !isWrong(node, shape)) continue;
    const missing = 4 - (shape[1] % 4);
    // ONNX's order: where each axis begins, then where each ends. The second axis is the channels'.
    const widths = Array.from({ length: 2 * shape.length }, (_, i) => (i === shape.length + 1 ? missing : 0));
    const [output] = node.outputs;
    const asInput = graph.opset >= OPSET_WITH_PADS_AS_INPUT;
    const padding = `${output}/padding`;
    const attributes = asInput ? [] : [lengthField(5, integersAttribute("pads", widths))];
    const padded = [`${output}/padded input`, `${output}/padded weight`];
    const own = node.proto.messages(5).map(async ({ tag, place }) => file.slice(tag, place.end).arrayBuffer());
    const ownAttributes = (await Promise.all(own)).map((bytes) => Array.from(new Uint8Array(bytes)));
    replaced.set(
      node.proto,
      Uint8Array.from([
        ...(asInput ? lengthField(5, integersTensor(padding, widths)) : []),
        ...padded.flatMap((name, i) =>
          nodeField("Pad", [node.inputs[i], ...(asInput ? [padding] : [])], name, attributes),
        ),
        ...nodeField("Conv", [...padded, ...node.inputs.slice(2)], output, ownAttributes, node.name),
      ]),
    );
  }
  return replaced;
}

/** @param weight [output channels, input channels a group, ...kernel] */
function isWrong({ operator, domain, integers }: GraphNode, [outputs, inputs]: readonly number[]): boolean {
  if (operator !== "Conv" || domain !== "" || (integers.group?.[0] ?? 1) !== 1) return false;
  return inputs > 3 && inputs % 3 === 0 && inputs % 4 !== 0 && outputs % 4 === 0;
}

/** Shapes of the weights by name, of those too that are stored in another type or transposed. */
function weightShapes({ initializers, nodes }: OnnxGraph): Map<string, readonly number[]> {
  const shapes = new Map<string, readonly number[]>(initializers.map(({ name, dims }) => [name, dims]));
  for (const { operator, inputs, outputs, integers, constant } of nodes) {
    const shape = constant ?? shapes.get(inputs[0]);
    if (!shape) continue;
    if (["Constant", "Cast", "DequantizeLinear", "Identity"].includes(operator)) shapes.set(outputs[0], shape);
    else if (operator === "Transpose") {
      const order = integers.perm ?? shape.map((_, axis) => shape.length - 1 - axis);
      shapes.set(
        outputs[0],
        order.map((axis) => shape[axis]),
      );
    }
  }
  return shapes;
}

/** TensorProto: dims 1, data_type 2, int64_data 7, name 8. */
const integersTensor = (name: string, values: readonly number[]) => [
  ...integerField(1, values.length),
  ...integerField(2, INT64),
  ...values.flatMap((value) => integerField(7, value)),
  ...textField(8, name),
];

/** AttributeProto: name 1, ints 8, type 20. */
const integersAttribute = (name: string, values: readonly number[]) => [
  ...textField(1, name),
  ...values.flatMap((value) => integerField(8, value)),
  ...integerField(20, INTS),
];

/** A field of GraphProto: node 1. NodeProto: input 1, output 2, name 3, op_type 4, attribute 5. @param attributes whole fields */
const nodeField = (
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly number[][],
  name = output,
) =>
  lengthField(1, [
    ...inputs.flatMap((input) => textField(1, input)),
    ...textField(2, output),
    ...textField(3, name),
    ...textField(4, operator),
    ...attributes.flat(),
  ]);
