/**
 * Which files beside an ONNX graph hold its weights: the `location` entries of the tensors' external data, found by walking the
 * protobuf (onnx.proto: ModelProto.graph 7, GraphProto.node 1, initializer 5, sparse_initializer 15, NodeProto.attribute 5,
 * AttributeProto.t 5, g 6, tensors 10, graphs 11, TensorProto.external_data 13). Weights inside the graph are stepped over unread.
 */
import { EngineError } from "../errors.ts";

/** The fields to descend into, message by message. */
interface Message {
  readonly [field: number]: Message;
}
const entry: Message = {};
const tensor: Message = { 13: entry };
const graph: { [field: number]: Message } = {};
const attribute: Message = { 5: tensor, 6: graph, 10: tensor, 11: graph };
const node: Message = { 5: attribute };
Object.assign(graph, { 1: node, 5: tensor, 15: { 1: tensor, 2: tensor } });
const model: Message = { 7: graph, 25: { 7: node } };

/**
 * @param path of the graph in the model's folder, for messages
 * @returns the locations, relative to the graph's folder, each once
 * @throws EngineError ModelFileCorrupt when the bytes are no ONNX graph, ModelUnsupported on a location outside the folder
 */
export function externalLocations(path: string, bytes: Uint8Array): string[] {
  const locations = new Set<string>();
  const decoder = new TextDecoder();
  let at = 0;
  const corrupt = () =>
    new EngineError(
      "ModelFileCorrupt",
      `The model file ${path} is no ONNX graph; put the right file there and load again.`,
    );
  const varint = (end: number): number => {
    let value = 0;
    for (let shift = 1; at < end; shift *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * shift;
      if (byte < 128) return value;
    }
    throw corrupt();
  };
  const walk = (message: Message, end: number): void => {
    let key = "";
    let value = "";
    while (at < end) {
      const tag = varint(end);
      const field = Math.floor(tag / 8);
      const wire = tag % 8;
      if (wire === 0) varint(end);
      else if (wire === 1) at += 8;
      else if (wire === 5) at += 4;
      else if (wire === 2) {
        const length = varint(end);
        const stop = at + length;
        if (stop > end) throw corrupt();
        if (message === entry) {
          const text = decoder.decode(bytes.subarray(at, stop));
          if (field === 1) key = text;
          else if (field === 2) value = text;
        } else if (message[field]) walk(message[field], stop);
        at = stop;
      } else throw corrupt();
    }
    if (at !== end) throw corrupt();
    if (message === entry && key === "location") locations.add(value);
  };
  walk(model, bytes.length);
  return checkLocations(path, locations);
}

/** Each once. @throws EngineError ModelUnsupported on a location outside the folder */
export function checkLocations(path: string, all: Iterable<string>): string[] {
  const locations = new Set(all);
  for (const location of locations) {
    if (/^\/|^[a-z]:|\\|(^|\/)\.\.(\/|$)/i.test(location)) {
      throw new EngineError(
        "ModelUnsupported",
        `${path} asks for weights outside its folder (${location}); export it again.`,
      );
    }
  }
  return [...locations];
}
