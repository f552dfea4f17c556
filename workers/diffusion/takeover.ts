/**
 * Another sampler takes over in the middle of a run. The noise levels stay those of the run, as with a sampler and a scheduler chosen
 * apart (ComfyUI's advanced KSampler); the new sampler begins there with no history.
 */
import { sigmaOf } from "./noise-schedule.ts";
import type { NoiseLevel, SamplerDefinition } from "./types.ts";

/** The most draws of noise that a step of any sampler makes. */
export const MOST_DRAWS = 2;

/** Two schedules' sigmas that differ by less are the same level: samplers round in different places. */
const TOLERANCE = 1e-4;

interface Schedule {
  readonly sampler: SamplerDefinition;
  readonly levels: readonly NoiseLevel[];
}

/**
 * The levels of a run that `next` goes on with from step `step`: those of `earlier`, and where `next` ends its runs.
 * @throws Error where `next` cannot go on from there, in one sentence
 */
export function takeoverLevels(earlier: Schedule, next: Schedule, step: number): NoiseLevel[] {
  const { sampler, levels: own } = next;
  const { levels } = earlier;
  const last = levels.length - 1;
  if (sampler.takesOver === "never") {
    throw new Error(`${sampler.label} cannot take over in the middle of a run; choose another sampler.`);
  }
  const kept = levels.slice(0, step);
  const rest = levels.slice(step, last);
  if (own.length === levels.length && rest.every((level, i) => sameLevel(level, own[step + i]))) {
    return [...kept, ...own.slice(step)];
  }
  if (sampler.takesOver === "own levels") {
    throw new Error(
      `${sampler.label} goes on from its own noise levels alone, and those of ${earlier.sampler.label} are others; choose another sampler.`,
    );
  }
  const end = own[own.length - 1];
  if (sigmaOf(end) >= sigmaOf(levels[last - 1])) {
    throw new Error(
      `${sampler.label} ends at a noise level that ${earlier.sampler.label} goes below; choose another sampler.`,
    );
  }
  return [...kept, ...rest, end];
}

/** Whether two levels are the same noise, by sigma / alpha. */
export function sameLevel(a: NoiseLevel, b: NoiseLevel): boolean {
  return sameSigma(sigmaOf(a), sigmaOf(b));
}

export function sameSigma(a: number, b: number): boolean {
  // pure noise has an infinite sigma / alpha
  return a === b || Math.abs(a - b) <= TOLERANCE * Math.max(a, b);
}
