/** IEEE 754 half precision as 16-bit patterns, which onnxruntime-web takes whether or not the runtime has a Float16Array. */

const floats = new Float32Array(1);
const bits = new Uint32Array(floats.buffer);

/** Rounds to the nearest, ties to even; what is too large becomes infinity. */
export function toHalf(values: ArrayLike<number>): Uint16Array {
  const out = new Uint16Array(values.length);
  for (let i = 0; i < out.length; i++) {
    floats[0] = values[i];
    const word = bits[0];
    const sign = (word >>> 16) & 0x8000;
    const magnitude = word & 0x7fffffff;
    if (magnitude > 0x7f800000) out[i] = sign | 0x7e00;
    else if (magnitude >= 0x47800000) out[i] = sign | 0x7c00;
    else if (magnitude < 0x38800000) {
      // subnormal: a whole number of 2^-24
      out[i] = sign | roundHalfEven(Math.abs(floats[0]) * 2 ** 24);
    } else {
      const lowest = (magnitude >>> 13) & 1;
      out[i] = sign | ((magnitude - 0x38000000 + 0xfff + lowest) >>> 13);
    }
  }
  return out;
}

export function fromHalf(halves: Uint16Array): Float32Array {
  const out = new Float32Array(halves.length);
  for (let i = 0; i < out.length; i++) out[i] = TABLE[halves[i]];
  return out;
}

/** What each of the 65,536 patterns stands for. */
const TABLE = Float32Array.from({ length: 0x10000 }, (_, half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >>> 10) & 31;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 31) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}
