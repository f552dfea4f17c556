/**
 * A graph apart from its weights: what lies in the file of the graph itself is named as external data there, so that the runtime copies the
 * structure alone and takes each weight from where it lies; and weights that were changed at load take the place of their originals.
 */
import type { ExternalData } from "./graph-file.ts";
import type { Initializer, OnnxGraph } from "./onnx-graph.ts";
import type { Message } from "./protobuf.ts";
import { integerField, lengthField, textField } from "./protobuf-write.ts";
import { type FilePart, mount } from "./weight-file.ts";

/** Smaller tensors stay where they are: operators read shapes and axes from them while the session is made. */
const SMALLEST_BYTES = 1024;

/** @param changed by the initializer's name: its bytes, of the same type and shape */
export async function detachWeights(
  path: string,
  file: FilePart,
  { initializers }: OnnxGraph,
  changed: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(),
): Promise<{ replaced: Map<Message, Uint8Array>; externalData: ExternalData[] }> {
  const own = `${path.slice(path.lastIndexOf("/") + 1)}#weights`;
  const externalData: ExternalData[] = [];
  const replaced = new Map<Message, Uint8Array>();
  let takesOwn = false;
  for (const tensor of initializers) {
    const { data, proto } = tensor;
    const replacement = changed.get(tensor.name);
    if (replacement) {
      const location = `${own}/${replaced.size}`;
      externalData.push({ path: location, data: replacement });
      replaced.set(proto, elsewhere(tensor, location, 0, replacement.length));
    } else if (data && data.location === undefined && data.length >= SMALLEST_BYTES) {
      takesOwn = true;
      replaced.set(proto, elsewhere(tensor, own, data.offset, data.length));
    }
  }
  if (takesOwn) externalData.push({ path: own, data: await mount(file) });
  return { replaced, externalData };
}

/** Tensors of subgraphs with their bytes inside the graph. @param bytesOf an external tensor */
export async function inlineNested(
  { external }: OnnxGraph,
  bytesOf: (tensor: OnnxGraph["external"][number]) => Promise<Uint8Array>,
): Promise<Map<Message, Uint8Array>> {
  const replaced = new Map<Message, Uint8Array>();
  for (const tensor of external.filter(({ isNested }) => isNested)) {
    const { proto } = tensor;
    const content = [...headOf(proto), ...lengthField(9, await bytesOf(tensor))];
    replaced.set(proto, Uint8Array.from(lengthField(proto.field, content)));
  }
  return replaced;
}

/** TensorProto with its bytes in another file: external_data 13 (key 1, value 2), data_location 14. */
function elsewhere({ proto }: Initializer, location: string, offset: number, length: number): Uint8Array {
  const entry = (key: string, value: string) => lengthField(13, [...textField(1, key), ...textField(2, value)]);
  const content = [
    ...headOf(proto),
    ...entry("location", location),
    ...entry("offset", String(offset)),
    ...entry("length", String(length)),
    ...integerField(14, 1),
  ];
  return Uint8Array.from(lengthField(proto.field, content));
}

/** TensorProto: dims 1, data_type 2, name 8. */
const headOf = (proto: Message): number[] => [
  ...proto.integers(1).flatMap((dim) => integerField(1, dim)),
  ...integerField(2, proto.integer(2) ?? 0),
  ...lengthField(8, new TextEncoder().encode(proto.text(8) ?? "")),
];
