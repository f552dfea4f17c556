import { addNoise, flowStartIndex, startIndex } from "../diffusion/image-to-image.ts";
import { familyOf } from "../diffusion/samplers/registry.ts";
import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { orInvalid } from "./or-invalid.ts";
import type { Job } from "./pipeline.ts";
import type { Schedule } from "./schedule.ts";

/**
 * The first step that a strength leaves to run.
 * @throws EngineError InvalidSetting when it leaves none
 */
export function firstStep({ model }: Job, { levels }: Schedule, strength: number): number {
  const steps = levels.length - 1;
  const rule = familyOf(model.schedulerConfig) === "flow" ? flowStartIndex : startIndex;
  const index = orInvalid(() => rule(steps, strength));
  if (index < steps) return index;
  throw new EngineError(
    "InvalidSetting",
    `A strength of ${strength} leaves none of the ${steps} steps to run; choose a larger strength or more steps.`,
  );
}

/** Clean latents at the noise level of a step. */
export function noisedAt(latents: Tensor, noise: Tensor, { sampler, config, levels }: Schedule, index: number): Tensor {
  return addNoise(latents, noise, sampler.startLevel?.(index, levels, config) ?? levels[index]);
}
