/**
 * The wire format of protocol buffers, read from a file in windows: messages are described by a shape, and what a shape does not name is
 * stepped over unread, so that a file of gigabytes costs few reads and little memory.
 */
import type { FilePart } from "./weight-file.ts";

/** What a field holds: text, whole numbers (packed or not), a message, or bytes of which only the place is wanted. */
export type FieldKind = "text" | "integers" | "place" | Shape;

/** The fields of a message that are read, by number. A shape may contain itself. */
export interface Shape {
  readonly [field: number]: FieldKind;
}

/** Byte offsets in the file. */
export interface Place {
  readonly start: number;
  readonly end: number;
}

export class Message {
  /** the message that it is a field of; undefined for the file itself */
  readonly parent: Message | undefined;
  /** its number there */
  readonly field: number;
  /** where its tag begins, which its length and its content follow */
  readonly tag: number;
  /** where its content begins and ends */
  readonly place: Place;
  /** by number, in the order of the file: what the shape says of the field */
  readonly #fields = new Map<number, (string | number | Place | Message)[]>();

  constructor(parent: Message | undefined, field: number, tag: number, place: Place) {
    this.parent = parent;
    this.field = field;
    this.tag = tag;
    this.place = place;
  }
  texts(field: number): readonly string[] {
    return this.#all(field);
  }
  integers(field: number): readonly number[] {
    return this.#all(field);
  }
  messages(field: number): readonly Message[] {
    return this.#all(field);
  }
  // Where a field occurs more than once the last one counts.
  text(field: number): string | undefined {
    return this.#all<string>(field).at(-1);
  }
  integer(field: number): number | undefined {
    return this.#all<number>(field).at(-1);
  }
  message(field: number): Message | undefined {
    return this.#all<Message>(field).at(-1);
  }
  placeOf(field: number): Place | undefined {
    return this.#all<Place>(field).at(-1);
  }
  add(field: number, values: readonly (string | number | Place | Message)[]): void {
    const list = this.#fields.get(field);
    if (!list) this.#fields.set(field, [...values]);
    else for (const value of values) list.push(value);
  }
  #all<T>(field: number): T[] {
    return (this.#fields.get(field) ?? []) as T[];
  }
}

const WINDOW_BYTES = 1 << 18;
/** A tag and a length take at most ten bytes each. */
const HEAD_BYTES = 20;
/** Messages inside messages; real graphs have some ten. */
const MOST_DEPTH = 200;
const decoder = new TextDecoder();

/** @param onMessage is told each message with its shape once it is read, the innermost first. @throws what `corrupt` makes */
export async function readMessage(
  file: FilePart,
  shape: Shape,
  corrupt: () => Error,
  onMessage: (message: Message, shape: Shape) => void = () => {},
): Promise<Message> {
  let window = new Uint8Array(0);
  let windowStart = 0;
  const inWindow = (start: number, end: number): Uint8Array | undefined =>
    start >= windowStart && end <= windowStart + window.length
      ? window.subarray(start - windowStart, end - windowStart)
      : undefined;
  /** Asks for bytes that are not in the window: a graph has some ten thousand fields, and few of them are waited for. */
  function* load(start: number, end: number): Generator<Place, Uint8Array> {
    if (end > file.size) throw corrupt();
    yield { start, end };
    const bytes = inWindow(start, end);
    if (!bytes) throw corrupt();
    return bytes;
  }
  function* read(message: Message, kinds: Shape, depth: number): Generator<Place, Message> {
    if (depth > MOST_DEPTH) throw corrupt();
    const { place } = message;
    for (let at = place.start; at < place.end; ) {
      const headEnd = Math.min(at + HEAD_BYTES, place.end);
      const field = fieldAt(inWindow(at, headEnd) ?? (yield* load(at, headEnd)), corrupt);
      const [start, end] = [at + field.start, at + field.end];
      if (end > place.end) throw corrupt();
      const kind = kinds[field.number];
      if (kind === "integers" && field.wire === VARINT) message.add(field.number, [field.value]);
      else if (kind !== undefined && field.wire === LENGTH) {
        if (kind === "place") message.add(field.number, [{ start, end }]);
        else if (kind === "text" || kind === "integers") {
          const bytes = inWindow(start, end) ?? (yield* load(start, end));
          message.add(field.number, kind === "text" ? [decoder.decode(bytes)] : packed(bytes, corrupt));
        } else {
          const inside = new Message(message, field.number, at, { start, end });
          message.add(field.number, [yield* read(inside, kind, depth + 1)]);
        }
      }
      at = end;
    }
    onMessage(message, kinds);
    return message;
  }
  const walk = read(new Message(undefined, 0, 0, { start: 0, end: file.size }), shape, 0);
  for (;;) {
    const step = walk.next();
    if (step.done) return step.value;
    const { start, end } = step.value;
    const stop = Math.min(Math.max(end, start + WINDOW_BYTES), file.size);
    window = new Uint8Array(await file.slice(start, stop).arrayBuffer());
    windowStart = start;
  }
}

const [VARINT, FIXED64, LENGTH, FIXED32] = [0, 1, 2, 5];

/** Positions are relative to the first byte of the tag. */
interface Field {
  readonly number: number;
  readonly wire: number;
  readonly start: number;
  readonly end: number;
  readonly value: number;
}

function fieldAt(bytes: Uint8Array, corrupt: () => Error): Field {
  const tag = varintAt(bytes, 0, corrupt);
  const [number, wire] = [Math.floor(tag.value / 8), tag.value % 8];
  const at = tag.end;
  if (wire === FIXED64) return { number, wire, start: at, end: at + 8, value: 0 };
  if (wire === FIXED32) return { number, wire, start: at, end: at + 4, value: 0 };
  if (wire !== VARINT && wire !== LENGTH) throw corrupt();
  const { value, end } = varintAt(bytes, at, corrupt);
  return wire === VARINT
    ? { number, wire, start: at, end, value }
    : { number, wire, start: end, end: end + value, value };
}

function varintAt(bytes: Uint8Array, from: number, corrupt: () => Error): { value: number; end: number } {
  let value = 0;
  for (let at = from, unit = 1; at < bytes.length; unit *= 128) {
    const byte = bytes[at++];
    value += (byte & 127) * unit;
    if (byte < 128) return { value, end: at };
  }
  throw corrupt();
}

function packed(bytes: Uint8Array, corrupt: () => Error): number[] {
  const numbers: number[] = [];
  for (let at = 0; at < bytes.length; ) {
    const { value, end } = varintAt(bytes, at, corrupt);
    numbers.push(value);
    at = end;
  }
  return numbers;
}
