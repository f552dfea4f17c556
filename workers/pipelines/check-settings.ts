import { checkSeed } from "../diffusion/random.ts";
import { EngineError } from "../errors.ts";
import type { GenerateRequest, HighResolution, ModelInfo, Settings } from "../protocol.ts";
import type { Pipeline } from "./pipeline.ts";

const MOST_STEPS = 1000;
const MOST_FEATHER = 64;
const MOST_SCALE = 4;

/** @throws EngineError InvalidSetting: which setting, and what it may be */
export function checkSettings({ settings, image, mask }: GenerateRequest, model: ModelInfo, pipeline: Pipeline): void {
  checkValues(settings, model);
  const { maskFeather = 0 } = settings;
  if (!(Number.isInteger(maskFeather) && maskFeather >= 0 && maskFeather <= MOST_FEATHER)) {
    throw invalid(`The mask's feather is ${maskFeather}; choose a whole number of pixels from 0 to ${MOST_FEATHER}.`);
  }
  const { highResolution: large } = settings;
  if (large) {
    if (!pipeline.settings.includes("highResolution")) {
      throw invalid(`${pipeline.label} has only one pass, at the picture's own size; leave out the second pass.`);
    }
    checkLarge(large, model);
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

function checkLarge({ scale, steps, strength, upscaler = "latent" }: HighResolution, model: ModelInfo): void {
  if (!(scale > 1 && scale <= MOST_SCALE)) {
    throw invalid(`The upscale factor of the second pass is ${scale}; choose more than 1 and up to ${MOST_SCALE}.`);
  }
  if (!Number.isInteger(steps) || steps < 1 || steps > MOST_STEPS) {
    throw invalid(`The second pass has ${steps} steps; choose a whole number from 1 to ${MOST_STEPS}.`);
  }
  if (!(strength > 0 && strength <= 1) || steps / strength > MOST_STEPS) {
    throw invalid(`The strength of the second pass is ${strength}; choose a number above 0, up to 1, or fewer steps.`);
  }
  if (!["latent", "pixels"].includes(upscaler)) {
    throw invalid(`The upscaler is "${upscaler}"; choose latent or pixels.`);
  }
  if (upscaler === "pixels" && !model.pipelines.some(({ inputs }) => inputs.includes("image"))) {
    throw invalid(`${model.title} has no VAE encoder, which enlarged pixels need; choose the latent upscaler.`);
  }
}

function checkValues(settings: Settings, model: ModelInfo): void {
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
  const seeds = [seed, settings.noiseSeed ?? seed];
  for (let one = settings.variation; one; one = one.of) {
    if (!(one.strength >= 0 && one.strength <= 1)) {
      throw invalid(`The strength of the variation is ${one.strength}; choose a number from 0 to 1.`);
    }
    seeds.push(one.seed);
  }
  for (const one of seeds) {
    try {
      checkSeed(one);
    } catch (error) {
      throw invalid((error as Error).message);
    }
  }
}

function invalid(message: string): EngineError {
  return new EngineError("InvalidSetting", message);
}
