/**
 * torch's CPU random numbers. `torchGenerator(seed)` gives what `torch.Generator().manual_seed(seed)` gives: the
 * Mersenne Twister (Matsumoto and Nishimura 1998), and torch.randn's two ways of making normals from it (Box and
 * Muller 1958): below 16 numbers in double precision one by one, from 16 on in float32 in blocks of 16 (torch's AVX2
 * code, which every x86 processor of the last ten years runs).
 */
import { sizeOf, type Tensor } from "../tensor/tensor.ts";
import { logFloat32, sinCosFloat32 } from "./float32-math.ts";

const { cos, fround, log1p, sin, sqrt } = Math;
const TWO_PI = fround(2 * Math.PI);

/** A source of standard normal numbers that goes on where the last draw ended. */
export interface NormalGenerator {
  /** `torch.randn(count, dtype=torch.float32)` */
  normal(count: number): Float32Array;
}

/** Draws a tensor of a shape from a generator. */
export function normalTensor(generator: NormalGenerator, dims: readonly number[]): Tensor {
  return { data: generator.normal(sizeOf(dims)), dims };
}

/** @throws Error unless the seed is a whole number from 0 to 2^53 - 1 */
export function checkSeed(seed: number): void {
  if (!Number.isSafeInteger(seed) || seed < 0) {
    throw new Error(`The seed is ${seed}; choose a whole number from 0 to ${Number.MAX_SAFE_INTEGER}.`);
  }
}

const BLOCK = 16;

/** @param seed 0 to 2^53 - 1, of which torch's Mersenne Twister uses the low 32 bits */
export function torchGenerator(seed: number): NormalGenerator {
  checkSeed(seed);
  const next = mersenneTwister(seed % 2 ** 32);
  let cached: number | undefined;

  /** In [0, 1), with 53 random bits. */
  const uniformDouble = () => {
    const high = next();
    const low = next();
    return ((high & 0x1fffff) * 2 ** 32 + low) * 2 ** -53;
  };

  /** Double precision, in pairs: the second of a pair waits for the next call. */
  const scalarNormal = () => {
    if (cached !== undefined) {
      const value = cached;
      cached = undefined;
      return value;
    }
    const angle = 2 * Math.PI * uniformDouble();
    const radius = sqrt(-2 * log1p(-uniformDouble()));
    cached = radius * sin(angle);
    return radius * cos(angle);
  };

  const fillUniform = (values: Float32Array) => {
    for (let i = 0; i < values.length; i++) values[i] = (next() & 0xffffff) * 2 ** -24;
  };

  return {
    normal(count) {
      const out = new Float32Array(count);
      if (count < BLOCK) {
        for (let i = 0; i < count; i++) out[i] = scalarNormal();
        return out;
      }
      fillUniform(out);
      for (let start = 0; start + BLOCK <= count; start += BLOCK) boxMullerBlock(out.subarray(start, start + BLOCK));
      if (count % BLOCK !== 0) {
        // What is left over is not a block of its own: the last 16 are drawn once more.
        const tail = out.subarray(count - BLOCK);
        fillUniform(tail);
        boxMullerBlock(tail);
      }
      return out;
    },
  };
}

/** 16 uniform numbers -> 16 normal ones, in place, in float32: entry i and i + 8 make a pair. */
function boxMullerBlock(values: Float32Array): void {
  const half = BLOCK / 2;
  for (let i = 0; i < half; i++) {
    const radius = fround(sqrt(-2 * logFloat32(fround(1 - values[i]))));
    const [sine, cosine] = sinCosFloat32(fround(TWO_PI * values[i + half]));
    values[i] = radius * cosine;
    values[i + half] = radius * sine;
  }
}

/** MT19937: 32-bit unsigned numbers. */
function mersenneTwister(seed: number): () => number {
  const size = 624;
  const state = new Uint32Array(size);
  state[0] = seed;
  for (let i = 1; i < size; i++) {
    const previous = state[i - 1] ^ (state[i - 1] >>> 30);
    state[i] = Math.imul(1812433253, previous) + i;
  }
  let index = size;

  const refill = () => {
    for (let i = 0; i < size; i++) {
      const bits = (state[i] & 0x80000000) | (state[(i + 1) % size] & 0x7fffffff);
      state[i] = state[(i + 397) % size] ^ (bits >>> 1) ^ (bits & 1 ? 0x9908b0df : 0);
    }
    index = 0;
  };

  return () => {
    if (index === size) refill();
    let bits = state[index++];
    bits ^= bits >>> 11;
    bits ^= (bits << 7) & 0x9d2c5680;
    bits ^= (bits << 15) & 0xefc60000;
    return (bits ^ (bits >>> 18)) >>> 0;
  };
}
