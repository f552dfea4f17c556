/**
 * CUDA's random numbers: Philox4x32-10 (Salmon et al. 2011, "Parallel Random Numbers: As Easy as 1, 2, 3") and cuRAND's
 * Box-Muller transform, arranged as torch.randn arranges them on a GPU, one counter per number. That arrangement holds
 * while every number has a thread of its own (65,536 latents and more on any GPU that runs these models). CUDA's sine
 * is an approximation, so that the last bits differ from a GPU's.
 */
import { checkSeed, type NormalGenerator } from "./random.ts";

const { fround, log, sin, sqrt } = Math;

/** `torch.Generator("cuda").manual_seed(seed)` @param seed 0 to 2^53 - 1 */
export function cudaGenerator(seed: number): NormalGenerator {
  checkSeed(seed);
  const key = [seed % 2 ** 32, Math.floor(seed / 2 ** 32)] as const;
  let draw = 0;
  return {
    normal(count) {
      const out = new Float32Array(count);
      for (let i = 0; i < count; i++) {
        const [first, second] = philox([draw, 0, i, 0], key);
        const u = fround(first * 2 ** -32 + 2 ** -33);
        const angle = fround((second * 2 ** -32 + 2 ** -33) * 2 * Math.PI);
        out[i] = sqrt(-2 * log(u)) * sin(angle);
      }
      draw++;
      return out;
    },
  };
}

type Four = readonly [number, number, number, number];

const MULTIPLIERS = [0xd2511f53, 0xcd9e8d57] as const;
const KEY_STEPS = [0x9e3779b9, 0xbb67ae85] as const;
const ROUNDS = 10;

/** Philox4x32-10: 128 bits of counter and 64 bits of key -> 128 random bits, in unsigned 32-bit numbers. */
export function philox(counter: Four, key: readonly [number, number]): Four {
  let [a, b, c, d] = counter;
  let [k, l] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const [highA, lowA] = multiply(MULTIPLIERS[0], a);
    const [highC, lowC] = multiply(MULTIPLIERS[1], c);
    [a, b, c, d] = [(highC ^ b ^ k) >>> 0, lowC, (highA ^ d ^ l) >>> 0, lowA];
    k = (k + KEY_STEPS[0]) >>> 0;
    l = (l + KEY_STEPS[1]) >>> 0;
  }
  return [a, b, c, d];
}

/** The high and the low 32 bits of a product of two unsigned 32-bit numbers. */
function multiply(x: number, y: number): [high: number, low: number] {
  const low = Math.imul(x, y) >>> 0;
  const [xh, xl] = [x >>> 16, x & 0xffff];
  const [yh, yl] = [y >>> 16, y & 0xffff];
  const middle = xh * yl + Math.floor((xl * yl) / 2 ** 16);
  const carry = xl * yh + (middle % 2 ** 16);
  const high = xh * yh + Math.floor(middle / 2 ** 16) + Math.floor(carry / 2 ** 16);
  return [high >>> 0, low];
}
