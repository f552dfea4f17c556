/** The wire format of protocol buffers, written: single fields, and a file with some of its messages replaced. */
import type { Message } from "./protobuf.ts";
import type { FilePart } from "./weight-file.ts";

export function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
}

/** A field of text, bytes or a message. */
export function lengthField(field: number, content: ArrayLike<number>): number[] {
  return [...header(field, content.length), ...Array.from(content)];
}

const encoder = new TextEncoder();

export const textField = (field: number, text: string): number[] => lengthField(field, encoder.encode(text));

/** A field that holds a whole number. */
export const integerField = (field: number, value: number): number[] => [...varint(field * 8), ...varint(value)];

const header = (field: number, length: number): number[] => [...varint(field * 8 + 2), ...varint(length)];

/**
 * The file with some of its messages replaced, and the lengths of all that contain them mended.
 * @param replaced whole fields, tag and length included, by the message whose place they take; none lies inside another
 */
export async function replaceMessages(
  file: FilePart,
  replaced: ReadonlyMap<Message, Uint8Array>,
): Promise<Uint8Array<ArrayBuffer>> {
  const children = new Map<Message | undefined, Set<Message>>();
  for (const message of replaced.keys()) {
    for (let at = message; at.parent; at = at.parent) {
      const siblings = children.get(at.parent) ?? new Set();
      children.set(at.parent, siblings.add(at));
    }
  }
  const [root] = [...children.keys()].filter((message) => message && !message.parent);
  if (!root) return new Uint8Array(await file.arrayBuffer());
  const piecesOf = async (message: Message): Promise<Uint8Array[]> => {
    const pieces: Uint8Array[] = [];
    let at = message.place.start;
    const keep = async (until: number) => {
      if (until > at) pieces.push(new Uint8Array(await file.slice(at, until).arrayBuffer()));
    };
    for (const child of [...(children.get(message) ?? [])].sort((a, b) => a.tag - b.tag)) {
      await keep(child.tag);
      const whole = replaced.get(child);
      const inner = whole ? [whole] : await piecesOf(child);
      if (!whole) pieces.push(Uint8Array.from(header(child.field, lengthOf(inner))));
      for (const piece of inner) pieces.push(piece);
      at = child.place.end;
    }
    await keep(message.place.end);
    return pieces;
  };
  return concatenate(await piecesOf(root));
}

const lengthOf = (parts: readonly Uint8Array[]) => parts.reduce((sum, { length }) => sum + length, 0);

function concatenate(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(lengthOf(parts));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
