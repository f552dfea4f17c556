/** safetensors: a length of 8 bytes, a JSON header (name -> dtype, shape, data_offsets), then the numbers, little-endian. */

import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { fromHalf } from "./float16.ts";

/** Longer headers are refused, as the reference implementation does. */
const LONGEST_HEADER = 100_000_000;

/** @param name of the file, for messages. @throws EngineError ModelFileCorrupt, ModelUnsupported */
export function readSafetensors(name: string, bytes: Uint8Array<ArrayBuffer>): Map<string, Tensor> {
  const corrupt = (problem: string) =>
    new EngineError("ModelFileCorrupt", `${name} is no safetensors file (${problem}); choose another file.`);
  if (bytes.length < 8) throw corrupt("it is too short");
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  if (length > Math.min(LONGEST_HEADER, bytes.length - 8)) throw corrupt("its header is cut short");
  let header: Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;
  try {
    header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  } catch {
    throw corrupt("its header is no JSON");
  }
  const tensors = new Map<string, Tensor>();
  for (const [key, entry] of Object.entries(header)) {
    if (key === "__metadata__") continue;
    const { dtype, shape, data_offsets: [start, end] = [] } = entry;
    const count = shape?.reduce((product, size) => product * size, 1);
    const width = { F32: 4, F16: 2, BF16: 2 }[dtype];
    if (!width) {
      throw new EngineError(
        "ModelUnsupported",
        `${name} holds numbers of the type ${dtype}; save it in float32, float16 or bfloat16.`,
      );
    }
    const from = 8 + length + Number(start);
    if (
      !(Number(start) >= 0 && Number(end) - Number(start) === count * width && 8 + length + Number(end) <= bytes.length)
    ) {
      throw corrupt(`"${key}" lies outside of it`);
    }
    const raw = bytes.slice(from, from + count * width).buffer;
    tensors.set(key, { data: toFloat(dtype, raw), dims: shape });
  }
  return tensors;
}

/** What AUTOMATIC1111 tells such files apart by: the start of the SHA-256 of all that follows the header. @param bytes of a file that was read */
export function contentHash(bytes: Uint8Array<ArrayBuffer>): string {
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true));
  return bytesToHex(sha256(bytes.subarray(8 + length))).slice(0, 12);
}

function toFloat(dtype: string, raw: ArrayBuffer): Float32Array {
  if (dtype === "F32") return new Float32Array(raw);
  const halves = new Uint16Array(raw);
  if (dtype === "F16") return fromHalf(halves);
  // bfloat16 is the upper half of a float32
  return new Float32Array(Uint32Array.from(halves, (half) => half << 16).buffer);
}
