import type { Tensor } from "../workers/protocol.ts";

/** NumPy's file format, version 1.0: little-endian float32 in C order. */
export function toNpy({ data, dims }: Tensor): Uint8Array {
  const magic = "\x93NUMPY\x01\x00";
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${dims.join(", ")}), }`;
  // the data begins at a multiple of 64 bytes; the header ends with a line break
  const unpadded = magic.length + 2 + header.length + 1;
  const text = `${header.padEnd(header.length + ((64 - (unpadded % 64)) % 64), " ")}\n`;
  const length = String.fromCharCode(text.length & 255, text.length >> 8);
  return Buffer.concat([
    Buffer.from(magic + length + text, "latin1"),
    Buffer.from(data.buffer, data.byteOffset, data.byteLength),
  ]);
}
