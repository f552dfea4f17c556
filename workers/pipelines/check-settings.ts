import { checkSeed } from "../diffusion/random.ts";
import { EngineError } from "../errors.ts";
import type { ModelInfo, Settings } from "../protocol.ts";

const MOST_STEPS = 1000;

/** @throws EngineError InvalidSetting: which setting, and what it may be */
export function checkSettings(settings: Settings, model: ModelInfo): void {
  const { steps, guidanceScale, seed, sampler } = settings;
  for (const side of ["width", "height"] as const) {
    const value = settings[side];
    const { sizeMultiple, minSize, maxSize } = model;
    if (!Number.isInteger(value) || value < minSize || value > maxSize || value % sizeMultiple !== 0) {
      const name = side === "width" ? "Width" : "Height";
      throw invalid(`${name} is ${value}; choose a multiple of ${sizeMultiple} from ${minSize} to ${maxSize}.`);
    }
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw invalid(`Steps is ${steps}; choose a whole number from 1 to ${MOST_STEPS}.`);
  }
  if (!Number.isFinite(guidanceScale) || guidanceScale < 0) {
    throw invalid(`Guidance scale is ${guidanceScale}; choose a number from 0 up, 1 for no guidance.`);
  }
  if (!model.samplers.some(({ id }) => id === sampler)) {
    throw invalid(`The sampler "${sampler}" is not one of ${model.samplers.map(({ id }) => id).join(", ")}.`);
  }
  try {
    checkSeed(seed);
  } catch (error) {
    throw invalid((error as Error).message);
  }
}

function invalid(message: string): EngineError {
  return new EngineError("InvalidSetting", message);
}
