import { checkSeed } from "../diffusion/random.ts";
import { EngineError } from "../errors.ts";
import type { GenerateRequest, ModelInfo, Settings, Task } from "../protocol.ts";

const MOST_STEPS = 1000;

/** @throws EngineError InvalidSetting: which setting, and what it may be */
export function checkRequest({ settings, image, mask }: GenerateRequest, model: ModelInfo): void {
  checkSettings(settings, model);
  if (mask && !image) throw invalid("A mask was given without the picture that it covers; give both.");
  const task: Task = mask ? "inpainting" : image ? "image-to-image" : "text-to-image";
  if (!model.tasks.includes(task)) {
    throw invalid(`${model.title} is made for ${model.tasks.join(", ")}, not for ${task}; ${REMEDIES[task]}.`);
  }
  if (!image) return;
  if (!(image.strength >= 0 && image.strength <= 1)) {
    throw invalid(`The strength is ${image.strength}; choose a number from 0 to 1.`);
  }
  for (const [name, { width, height }] of Object.entries({ picture: image.picture, ...(mask ? { mask } : {}) })) {
    if (width !== settings.width || height !== settings.height) {
      throw invalid(
        `The ${name} has ${width} x ${height} pixels and the run ${settings.width} x ${settings.height}; make them the same.`,
      );
    }
  }
}

const REMEDIES: Record<Task, string> = {
  "text-to-image": "give a picture and a mask",
  "image-to-image": "add a mask, or choose another model",
  inpainting: "choose a model with a VAE encoder",
};

function checkSettings(settings: Settings, model: ModelInfo): void {
  const { steps, guidanceScale, guidanceRescale = 0, guidanceInterval, eta = 0, seed, sampler } = settings;
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
  for (const [name, value] of Object.entries({ "Guidance rescale": guidanceRescale, Eta: eta })) {
    if (!(value >= 0 && value <= 1)) throw invalid(`${name} is ${value}; choose a number from 0 to 1.`);
  }
  if (guidanceInterval) {
    const [from, to] = guidanceInterval;
    if (!(from >= 0 && from <= to && to <= 1)) {
      throw invalid(`The guidance interval is ${from} to ${to}; choose two numbers from 0 to 1, the lower one first.`);
    }
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
