/**
 * A graph apart from its weights: what lies in the file of the graph itself is named as external data there, so that the runtime copies the
 * structure alone and takes each weight from where it lies; and weights that were changed at load take the place of their originals.
 */
import type { ExternalData } from "./network.ts";
import type { Initializer, OnnxGraph } from "./onnx-graph.ts";
import { type FilePart, mount, readWhole } from "./weight-file.ts";

/** Smaller tensors stay where they are: operators read shapes and axes from them while the session is made. */
const SMALLEST = 1024;

/** @param changed by the initializer's name: its bytes, of the same type and shape */
export async function detachWeights(
  path: string,
  file: FilePart,
  graph: OnnxGraph,
  changed: ReadonlyMap<string, Uint8Array<ArrayBuffer>> = new Map(),
): Promise<{ bytes: Uint8Array<ArrayBuffer>; externalData: ExternalData[] }> {
  const own = `${path.slice(path.lastIndexOf("/") + 1)}#weights`;
  const externalData: ExternalData[] = [];
  const moved: { tensor: Initializer; bytes: Uint8Array }[] = [];
  let takesOwn = false;
  for (const tensor of graph.initializers) {
    const replacement = changed.get(tensor.name);
    if (replacement) {
      const location = `${own}/${moved.length}`;
      externalData.push({ path: location, data: replacement });
      moved.push({ tensor, bytes: tensorProto(tensor, location, 0, replacement.length) });
    } else if (tensor.data && tensor.data.location === undefined && tensor.data.length >= SMALLEST) {
      takesOwn = true;
      moved.push({ tensor, bytes: tensorProto(tensor, own, tensor.data.offset, tensor.data.length) });
    }
  }
  if (takesOwn) externalData.push({ path: own, data: await mount(file) });
  if (moved.length === 0) return { bytes: await readWhole(file), externalData };

  const { tag, start, end } = graph.place;
  const pieces: Uint8Array[] = [];
  let at = start;
  const keep = async (until: number) => {
    if (until > at) pieces.push(new Uint8Array(await file.slice(at, until).arrayBuffer()));
    at = until;
  };
  for (const { tensor, bytes } of moved) {
    await keep(tensor.start);
    pieces.push(bytes);
    at = tensor.end;
  }
  await keep(end);
  const length = pieces.reduce((sum, { length }) => sum + length, 0);
  const around = [
    new Uint8Array(await file.slice(0, tag).arrayBuffer()),
    Uint8Array.from([...varint(7 * 8 + 2), ...varint(length)]),
    ...pieces,
    new Uint8Array(await file.slice(end, file.size).arrayBuffer()),
  ];
  return { bytes: concatenate(around), externalData };
}

/** A field of GraphProto.initializer whose bytes lie elsewhere (TensorProto: dims 1, data_type 2, name 8, external_data 13, data_location 14). */
function tensorProto({ name, type, dims }: Initializer, location: string, offset: number, length: number): Uint8Array {
  const encoder = new TextEncoder();
  const bytes = (field: number, content: ArrayLike<number>) => [
    ...varint(field * 8 + 2),
    ...varint(content.length),
    ...Array.from(content),
  ];
  const entry = (key: string, value: string) =>
    bytes(13, [...bytes(1, encoder.encode(key)), ...bytes(2, encoder.encode(value))]);
  const tensor = [
    ...dims.flatMap((dim) => [...varint(1 * 8), ...varint(dim)]),
    ...varint(2 * 8),
    ...varint(type),
    ...bytes(8, encoder.encode(name)),
    ...entry("location", location),
    ...entry("offset", String(offset)),
    ...entry("length", String(length)),
    ...varint(14 * 8),
    1,
  ];
  return Uint8Array.from(bytes(5, tensor));
}

function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
