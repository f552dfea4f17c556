/** What a picture of a size takes, from what one took before. Sizes are areas over that of the model's default size. */
import type { ModelInfo, Settings } from "../../workers/protocol";

/** What a model takes on this device at its default size. */
export interface Pace {
  /** milliseconds of one evaluation of the network */
  evaluation: number;
  /** milliseconds of decoding */
  decoding: number;
  /** bytes at the peak, weights included */
  memory: number;
}

export interface Estimate {
  milliseconds: number;
  /** bytes at the peak */
  memory: number;
}

/** Above this much of the default area a model that was trained on it repeats what the prompt asks for. */
const MOST_KNOWN = 2.3;

/**
 * Convolutions grow with the area, attention with its square. The shares were measured with the built-in model on the CPU, from 256 x 256
 * to 1024 x 1024: time 1, 2.2, 3.5, 6.9 and 21.5 times, met within 1.6 times; memory 160, 230, 276, 485 and 1340 MB, met within a third.
 */
const timeOf = (area: number) => area + 0.03 * area ** 2;
const memoryOf = (area: number) => 0.75 + 0.25 * area + 0.01 * area ** 2;

type Size = Pick<Settings, "width" | "height">;

/** The area of a size over that of the model's default size. */
export function areaOf({ width, height }: Size, { defaults }: ModelInfo): number {
  return (width * height) / (defaults.width * defaults.height);
}

export function isBeyond(size: Size, info: ModelInfo): boolean {
  return areaOf(size, info) > MOST_KNOWN;
}

/** How often the network is evaluated: twice in a guided step. */
export function evaluationsOf({ steps, guidanceScale, guidanceInterval: [from, to] = [0, 1] }: Settings): number {
  return steps * (guidanceScale > 1 ? 1 + to - from : 1);
}

/** The pace, from a run of some size. @param step milliseconds. @param decoding milliseconds. @param memory bytes */
export function paceOf(settings: Settings, info: ModelInfo, step: number, decoding: number, memory: number): Pace {
  const area = areaOf(settings, info);
  return {
    evaluation: (step * settings.steps) / evaluationsOf(settings) / timeOf(area),
    decoding: decoding / area,
    memory: memory / memoryOf(area),
  };
}

export function estimateOf(settings: Settings, info: ModelInfo, pace: Pace): Estimate {
  const area = areaOf(settings, info);
  return {
    milliseconds: evaluationsOf(settings) * pace.evaluation * timeOf(area) + pace.decoding * area,
    memory: pace.memory * memoryOf(area),
  };
}
