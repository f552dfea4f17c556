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
  readonly #texts = new Map<number, string[]>();
  readonly #integers = new Map<number, number[]>();
  readonly #places = new Map<number, Place[]>();
  readonly #messages = new Map<number, Message[]>();

  constructor(parent: Message | undefined, field: number, tag: number, place: Place) {
    this.parent = parent;
    this.field = field;
    this.tag = tag;
    this.place = place;
  }
  texts = (field: number): readonly string[] => this.#texts.get(field) ?? [];
  /** the last one, which counts where a field occurs more than once */
  text = (field: number): string | undefined => this.texts(field).at(-1);
  integers = (field: number): readonly number[] => this.#integers.get(field) ?? [];
  integer = (field: number): number | undefined => this.integers(field).at(-1);
  placeOf = (field: number): Place | undefined => this.#places.get(field)?.at(-1);
  messages = (field: number): readonly Message[] => this.#messages.get(field) ?? [];
  message = (field: number): Message | undefined => this.messages(field).at(-1);

  add(field: number, value: string | number[] | Place | Message): void {
    if (typeof value === "string") append(this.#texts, field, [value]);
    else if (Array.isArray(value)) append(this.#integers, field, value);
    else if (value instanceof Message) append(this.#messages, field, [value]);
    else append(this.#places, field, [value]);
  }
}

function append<T>(map: Map<number, T[]>, field: number, values: readonly T[]): void {
  const list = map.get(field);
  if (!list) map.set(field, [...values]);
  else for (const value of values) list.push(value);
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
  const bytesAt = async (start: number, end: number): Promise<Uint8Array> => {
    if (end > file.size) throw corrupt();
    if (start < windowStart || end > windowStart + window.length) {
      const stop = Math.min(Math.max(end, start + WINDOW_BYTES), file.size);
      window = new Uint8Array(await file.slice(start, stop).arrayBuffer());
      windowStart = start;
      if (window.length < end - start) throw corrupt();
    }
    return window.subarray(start - windowStart, end - windowStart);
  };
  const read = async (message: Message, kinds: Shape, depth: number): Promise<Message> => {
    if (depth > MOST_DEPTH) throw corrupt();
    const { place } = message;
    for (let at = place.start; at < place.end; ) {
      const head = await bytesAt(at, Math.min(at + HEAD_BYTES, place.end));
      const field = fieldAt(head, corrupt);
      const [start, end] = [at + field.start, at + field.end];
      if (end > place.end) throw corrupt();
      const kind = kinds[field.number];
      if (kind === "integers" && field.wire === VARINT) message.add(field.number, [field.value]);
      else if (kind !== undefined && field.wire === LENGTH) {
        if (kind === "text") message.add(field.number, decoder.decode(await bytesAt(start, end)));
        else if (kind === "integers") message.add(field.number, packed(await bytesAt(start, end), corrupt));
        else if (kind === "place") message.add(field.number, { start, end });
        else
          message.add(
            field.number,
            await read(new Message(message, field.number, at, { start, end }), kind, depth + 1),
          );
      }
      at = end;
    }
    onMessage(message, kinds);
    return message;
  };
  return read(new Message(undefined, 0, 0, { start: 0, end: file.size }), shape, 0);
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
