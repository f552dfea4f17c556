/** The text chunks of PNG files: tEXt, zTXt and iTXt (PNG specification, third edition, 11.3.3). Knows no DOM. */
import { Unzlib } from "fflate";
import { crc32 } from "./crc32";
import type { FileText } from "./file-text";

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
/** length, type and CRC */
const FRAME = 12;
const TEXT_CHUNKS = ["tEXt", "zTXt", "iTXt"];
/** Bytes of one text once inflated: the largest workflows have a few million; more is a bomb. */
const MAX_TEXT = 1 << 24;

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, i) => bytes[i] === byte);
}

/**
 * Every text in the file, in its order. The CRC of the chunks that are read is checked; the pixels are passed over.
 * @throws Error with the cause, for a file that is no PNG, is cut short or damaged
 */
export function readPngText(bytes: Uint8Array): FileText[] {
  const texts: FileText[] = [];
  for (const { type, data, crc, start } of chunks(bytes)) {
    if (!TEXT_CHUNKS.includes(type)) continue;
    if (crc32(bytes.subarray(start + 4, start + 8 + data.length)) !== crc)
      throw new Error(`The PNG file is damaged: its ${type} chunk has a wrong checksum. Use another copy of the file.`);
    texts.push(readText(type, data));
  }
  return texts;
}

/** The file's EXIF, which is laid out as a TIFF file. */
export function pngExif(bytes: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  for (const { type, data } of chunks(bytes)) if (type === "eXIf") return data.slice();
  return undefined;
}

/**
 * A copy of the file with these texts right after its header, each with a keyword of 1 to 79 Latin-1 characters; earlier texts of the same keywords are left out. Latin-1 goes into
 * tEXt (but for what could be read as UTF-8) and everything else into iTXt, as Pillow does, which is what the other tools read with. U+0000 is dropped: neither can hold it.
 * @throws Error for a file that is no PNG, is cut short or damaged
 */
export function writePngText(bytes: Uint8Array, texts: readonly FileText[]): Uint8Array<ArrayBuffer>[] {
  const keywords = new Set(texts.map(({ keyword }) => keyword));
  const parts: Uint8Array<ArrayBuffer>[] = [new Uint8Array(SIGNATURE)];
  for (const { type, data, start } of chunks(bytes)) {
    if (TEXT_CHUNKS.includes(type) && keywords.has(latin1(data.subarray(0, endOf(data, 0))))) continue;
    parts.push(bytes.slice(start, start + data.length + FRAME));
    if (type === "IHDR") parts.push(...texts.map(textChunk));
  }
  return parts;
}

function* chunks(bytes: Uint8Array) {
  if (!isPng(bytes)) throw new Error("This is no PNG file. Choose a PNG file that still holds its settings.");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = SIGNATURE.length;
  for (;;) {
    if (at + FRAME > bytes.length) throw cutShort();
    const length = view.getUint32(at);
    if (length > bytes.length - at - FRAME) throw cutShort();
    const type = latin1(bytes.subarray(at + 4, at + 8));
    if (at === SIGNATURE.length && type !== "IHDR")
      throw new Error("The PNG file is damaged: it does not begin with its header. Use another copy of the file.");
    yield { type, data: bytes.subarray(at + 8, at + 8 + length), crc: view.getUint32(at + 8 + length), start: at };
    if (type === "IEND") return;
    at += length + FRAME;
  }
}

function cutShort(): Error {
  return new Error("The PNG file is cut short. Use another copy of the file.");
}

function readText(type: string, data: Uint8Array): FileText {
  const end = endOf(data, 0);
  const keyword = latin1(data.subarray(0, end));
  if (end === data.length) throw malformed(type);
  if (type === "tEXt") return { keyword, text: plainText(data.subarray(end + 1)) };
  if (type === "zTXt") {
    if (data[end + 1] !== 0) throw malformed(type);
    return { keyword, text: plainText(inflate(data.subarray(end + 2), type)) };
  }
  const [compressed, method] = [data[end + 1], data[end + 2]];
  const language = endOf(data, end + 3);
  const translated = endOf(data, language + 1);
  if (translated >= data.length || compressed > 1 || (compressed === 1 && method !== 0)) throw malformed(type);
  const rest = data.subarray(translated + 1);
  const utf8 = compressed ? inflate(rest, type) : rest;
  return { keyword, text: new TextDecoder().decode(utf8) };
}

function malformed(type: string): Error {
  return new Error(`The PNG file is damaged: its ${type} chunk cannot be read. Use another copy of the file.`);
}

function inflate(data: Uint8Array, type: string): Uint8Array {
  const parts: Uint8Array[] = [];
  let size = 0;
  let complete = false;
  const unzlib = new Unzlib((chunk, last) => {
    size += chunk.length;
    if (size <= MAX_TEXT) parts.push(chunk);
    complete = last;
  });
  const SLICE = 1 << 12; // one slice inflates to four million bytes at most
  try {
    for (let from = 0; from < data.length && size <= MAX_TEXT; from += SLICE)
      unzlib.push(data.subarray(from, from + SLICE), from + SLICE >= data.length);
  } catch {
    throw malformed(type);
  }
  if (size > MAX_TEXT) throw new Error("The PNG file holds a text of more than 16 MB, which is not read.");
  if (!complete) throw malformed(type);
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function textChunk({ keyword, text }: FileText): Uint8Array<ArrayBuffer> {
  const clean = text.replaceAll("\0", "");
  const plain = isLatin1(clean) && plainText(fromLatin1(clean)) === clean;
  const body = plain ? fromLatin1(clean) : new TextEncoder().encode(clean);
  const head = fromLatin1(keyword + (plain ? "\0" : "\0\0\0\0\0"));
  const chunk = new Uint8Array(FRAME + head.length + body.length);
  const view = new DataView(chunk.buffer);
  view.setUint32(0, head.length + body.length);
  chunk.set(fromLatin1(plain ? "tEXt" : "iTXt"), 4);
  chunk.set(head, 8);
  chunk.set(body, 8 + head.length);
  view.setUint32(chunk.length - 4, crc32(chunk.subarray(4, chunk.length - 4)));
  return chunk;
}

/** Index of the next zero byte, or the length. */
function endOf(data: Uint8Array, from: number): number {
  const at = data.indexOf(0, from);
  return at < 0 ? data.length : at;
}

function isLatin1(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) > 255) return false;
  return true;
}

/** The specification asks for Latin-1 in tEXt and zTXt, yet many programs write UTF-8, which Latin-1 text hardly ever is by chance. */
function plainText(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return latin1(bytes);
  }
}

/** TextDecoder's "latin1" is windows-1252, which differs from 128 to 159. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  const SLICE = 8192;
  for (let i = 0; i < bytes.length; i += SLICE) text += String.fromCharCode(...bytes.subarray(i, i + SLICE));
  return text;
}

function fromLatin1(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}
