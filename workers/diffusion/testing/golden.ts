/** Reads the fixtures that `python -m training.reference.golden` writes. */

import { readFileSync } from "node:fs";
import type { Tensor } from "../../tensor/tensor.ts";
import type { SchedulerConfig } from "../types.ts";

type Place = readonly [offset: number, length: number];

export interface GoldenRun {
  readonly sampler: string;
  readonly configuration: string;
  readonly steps: number;
  /** the samples of diffusers' own float32 run */
  readonly at: Place;
  /** the largest relative rounding error of that run, found with the same scheduler in double precision */
  readonly rounding: number;
  /** the double-precision run's samples, where the rounding error is too large to test against */
  readonly precise?: Place;
  /** the timestep of every call of the network */
  readonly timesteps: readonly number[];
}

export interface GoldenConfig extends SchedulerConfig {
  readonly eta?: number;
  readonly tokens?: number;
}

interface GoldenIndex {
  readonly command: string;
  readonly diffusers: string;
  readonly torch: string;
  readonly shape: [number, number, number, number];
  readonly noise: Place;
  readonly configurations: Record<string, Record<string, GoldenConfig>>;
  readonly runs: readonly GoldenRun[];
  readonly leftOut: readonly { sampler: string; configuration: string; fault: string }[];
  readonly random: {
    readonly normal: readonly { seed: number; size: number; at: Place }[];
    readonly consecutive: readonly { size: number; at: Place }[];
  };
  readonly schedules: Record<string, { config: SchedulerConfig; at: Place }>;
}

const folder = new URL("../fixtures/", import.meta.url);
export const golden: GoldenIndex = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8"));
const bytes = readFileSync(new URL("golden.bin", folder));

export function goldenValues([offset, length]: Place): Float32Array {
  return Float32Array.from({ length }, (_, i) => bytes.readFloatLE(4 * (offset + i)));
}

const latentSize = golden.shape.reduce((product, size) => product * size, 1);
const pool = goldenValues(golden.noise);

/** The noise that every golden run drew, from its first draw on. */
export function goldenNoise(): () => Tensor {
  let next = 0;
  return () => {
    const data = pool.slice(next * latentSize, (next + 1) * latentSize);
    next++;
    return { data, dims: golden.shape };
  };
}

/** The first latents of a golden run and the latents after each of its steps. */
export function goldenSamples({ steps }: GoldenRun, place: Place): Float32Array[] {
  const values = goldenValues(place);
  return Array.from({ length: steps + 1 }, (_, i) => values.subarray(i * latentSize, (i + 1) * latentSize));
}

/** The largest difference, relative to the largest value expected. */
export function relativeDifference(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < expected.length; i++) {
    const gap = Math.abs(actual[i] - expected[i]);
    // NaN must not pass as "no difference".
    difference = Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(difference, gap);
    largest = Math.max(largest, Math.abs(expected[i]));
  }
  return actual.length === expected.length ? difference / largest : Number.POSITIVE_INFINITY;
}
