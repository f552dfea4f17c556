/// <reference types="node" />
/** JPEG, WebP and AVIF files for the tests that hold EXIF and no pixels, built byte by byte. */

const USER_COMMENT = 0x9286;
const EXIF_POINTER = 0x8769;
export const TAGS = {
  ImageDescription: 0x010e,
  Make: 0x010f,
  Model: 0x0110,
  Software: 0x0131,
  UserComment: USER_COMMENT,
};

export interface Tag {
  tag: number;
  /** ASCII ends with a zero */
  type: "ASCII" | "UNDEFINED";
  bytes: Buffer;
}

const TYPES = { ASCII: 2, LONG: 4, UNDEFINED: 7 };

/** A TIFF file with two directories: the picture's tags, and the EXIF ones. */
export function tiff({ picture = [], exif = [] }: { picture?: Tag[]; exif?: Tag[] }, isLittleEndian = false): Buffer {
  const u16 = (value: number) => number(value, 2, isLittleEndian);
  const u32 = (value: number) => number(value, 4, isLittleEndian);
  const directory = (tags: Tag[], at: number, pointer?: number): Buffer => {
    const count = tags.length + (pointer === undefined ? 0 : 1);
    let end = at + 2 + count * 12 + 4;
    const data: Buffer[] = [];
    const entries = tags.map(({ tag, type, bytes }) => {
      const head = [u16(tag), u16(TYPES[type]), u32(bytes.length)];
      if (bytes.length <= 4) return Buffer.concat([...head, bytes, Buffer.alloc(4 - bytes.length)]);
      const padded = bytes.length % 2 ? Buffer.concat([bytes, Buffer.alloc(1)]) : bytes;
      data.push(padded);
      end += padded.length;
      return Buffer.concat([...head, u32(end - padded.length)]);
    });
    if (pointer !== undefined) entries.push(Buffer.concat([u16(EXIF_POINTER), u16(TYPES.LONG), u32(1), u32(pointer)]));
    return Buffer.concat([u16(count), ...entries, u32(0), ...data]);
  };
  const start = 8;
  const length = directory(picture, start, 0).length;
  const first = exif.length > 0 ? directory(picture, start, start + length) : directory(picture, start);
  const head = Buffer.concat([Buffer.from(isLittleEndian ? "II" : "MM"), u16(42), u32(start)]);
  return Buffer.concat([head, first, ...(exif.length > 0 ? [directory(exif, start + length)] : [])]);
}

function number(value: number, bytes: 2 | 4, isLittleEndian: boolean): Buffer {
  const buffer = Buffer.alloc(bytes);
  if (isLittleEndian) buffer.writeUIntLE(value, 0, bytes);
  else buffer.writeUIntBE(value, 0, bytes);
  return buffer;
}

/** A UserComment with its 8 bytes of character code. */
export function userComment(code: string, text: Buffer): Tag {
  return { tag: USER_COMMENT, type: "UNDEFINED", bytes: Buffer.concat([Buffer.from(code.padEnd(8, "\0")), text]) };
}

export function utf16be(text: string): Buffer {
  return Buffer.from(text, "utf16le").swap16();
}

export function jpeg(exif: Buffer): Uint8Array<ArrayBuffer> {
  const segment = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), exif]);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xe1]);
  return new Uint8Array(
    Buffer.concat([head, number(segment.length + 2, 2, false), segment, Buffer.from([0xff, 0xd9])]),
  );
}

export function webp(exif: Buffer): Uint8Array<ArrayBuffer> {
  const chunk = Buffer.concat([Buffer.from("EXIF"), number(exif.length, 4, true), exif, Buffer.alloc(exif.length % 2)]);
  return new Uint8Array(
    Buffer.concat([Buffer.from("RIFF"), number(chunk.length + 4, 4, true), Buffer.from("WEBP"), chunk]),
  );
}

/** Its EXIF is an item that the box "iloc" tells the place of (ISO/IEC 14496-12, 8.11.3). */
export function avif(exif: Buffer): Uint8Array<ArrayBuffer> {
  const box = (type: string, ...parts: Buffer[]) => {
    const body = Buffer.concat(parts);
    return Buffer.concat([number(body.length + 8, 4, false), Buffer.from(type), body]);
  };
  const zeros = (count: number) => Buffer.alloc(count);
  const u16 = (value: number) => number(value, 2, false);
  const u32 = (value: number) => number(value, 4, false);
  const item = Buffer.concat([zeros(4), exif]);
  const head = box("ftyp", Buffer.from("avif"), zeros(4), Buffer.from("avifmif1"));
  const meta = (offset: number) =>
    box(
      "meta",
      zeros(4),
      box("hdlr", zeros(8), Buffer.from("pict"), zeros(13)),
      box("pitm", zeros(4), u16(1)),
      box("iinf", zeros(4), u16(1), box("infe", Buffer.from([2, 0, 0, 0]), u16(1), u16(0), Buffer.from("Exif\0"))),
      box("iloc", zeros(4), Buffer.from([0x44, 0]), u16(1), u16(1), u16(0), u16(1), u32(offset), u32(item.length)),
    );
  const offset = head.length + meta(0).length + 8;
  return new Uint8Array(Buffer.concat([head, meta(offset), box("mdat", item)]));
}
