/** safetensors: a length of 8 bytes, a JSON header (name -> dtype, shape, data_offsets), then the numbers, little-endian. */
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromHalf } from "./float16.ts";
import { parseJson } from "./json.ts";

/** Longer headers are refused, as the reference implementation does. */
const LONGEST_HEADER = 100_000_000;

export interface SafetensorsFile {
  readonly tensors: ReadonlyMap<string, Tensor>;
  /** what the file says of itself */
  readonly metadata: Readonly<Record<string, string>>;
  /** names of tensors whose numbers are of a type that is not read here */
  readonly unread: readonly string[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const entrySchema = v.object({ dtype: v.string(), shape: v.array(count), data_offsets: v.tuple([count, count]) });

/** @param name of the file, for messages. @throws EngineError ModelFileCorrupt */
export function readSafetensors(name: string, bytes: Uint8Array<ArrayBuffer>): SafetensorsFile {
  const corrupt = (problem: string) =>
    new EngineError("ModelFileCorrupt", `${name} is no safetensors file (${problem}); choose another file.`);
  if (bytes.length < 8) throw corrupt("it is too short");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8)) throw corrupt("its header is cut short");
  let header: Record<string, unknown>;
  try {
    header = v.parse(v.record(v.string(), v.unknown()), parseJson(name, bytes.subarray(8, 8 + length)));
  } catch {
    throw corrupt("its header is not JSON");
  }
  const { __metadata__: about, ...entries } = header;
  const tensors = new Map<string, Tensor>();
  const unread: string[] = [];
  for (const [key, value] of Object.entries(entries)) {
    const entry = v.safeParse(entrySchema, value);
    if (!entry.success) throw corrupt(`"${key}" has no type, shape or place`);
    const { dtype, shape } = entry.output;
    const [start, end] = entry.output.data_offsets;
    const decode = Object.hasOwn(DECODERS, dtype) ? DECODERS[dtype] : undefined;
    if (!decode) {
      unread.push(key);
      continue;
    }
    const size = shape.reduce((product, side) => product * side, 1) * decode.width;
    const from = 8 + length + start;
    if (end - start !== size || 8 + length + end > bytes.length) {
      throw corrupt(`"${key}" lies outside of it`);
    }
    tensors.set(key, { data: decode.toFloats(bytes.slice(from, from + size).buffer), dims: shape });
  }
  const metadata = v.safeParse(v.record(v.string(), v.string()), about);
  return { tensors, metadata: metadata.success ? metadata.output : {}, unread };
}

/** What AUTOMATIC1111 tells such files apart by: the start of the SHA-256 of all that follows the header. @param bytes of a file that was read */
export function contentHash(bytes: Uint8Array<ArrayBuffer>): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return bytesToHex(sha256(bytes.subarray(8 + length))).slice(0, 12);
}

interface Decoder {
  /** bytes of a number */
  readonly width: number;
  toFloats(raw: ArrayBuffer): Float32Array;
}

/** bfloat16 is the upper half of a float32, and E5M2 that of a float16. */
const DECODERS: Readonly<Record<string, Decoder>> = {
  F64: { width: 8, toFloats: (raw) => Float32Array.from(new Float64Array(raw)) },
  F32: { width: 4, toFloats: (raw) => new Float32Array(raw) },
  F16: { width: 2, toFloats: (raw) => fromHalf(new Uint16Array(raw)) },
  BF16: {
    width: 2,
    toFloats: (raw) => new Float32Array(Uint32Array.from(new Uint16Array(raw), (half) => half << 16).buffer),
  },
  F8_E5M2: { width: 1, toFloats: (raw) => fromHalf(Uint16Array.from(new Uint8Array(raw), (byte) => byte << 8)) },
  F8_E4M3: { width: 1, toFloats: (raw) => Float32Array.from(new Uint8Array(raw), fromE4M3) },
  I64: { width: 8, toFloats: (raw) => Float32Array.from(new BigInt64Array(raw), Number) },
  I32: { width: 4, toFloats: (raw) => Float32Array.from(new Int32Array(raw)) },
  I16: { width: 2, toFloats: (raw) => Float32Array.from(new Int16Array(raw)) },
  I8: { width: 1, toFloats: (raw) => Float32Array.from(new Int8Array(raw)) },
  U8: { width: 1, toFloats: (raw) => Float32Array.from(new Uint8Array(raw)) },
};

/** Four bits of exponent, three of fraction, no infinity (Micikevicius et al. 2022, table 1). */
function fromE4M3(byte: number): number {
  const sign = byte & 0x80 ? -1 : 1;
  const [exponent, fraction] = [(byte >> 3) & 15, byte & 7];
  if (exponent === 15 && fraction === 7) return Number.NaN;
  return sign * (exponent === 0 ? fraction * 2 ** -9 : (1 + fraction / 8) * 2 ** (exponent - 7));
}
