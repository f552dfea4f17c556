import { sigmaOf } from "../diffusion/noise-schedule.ts";
import { sameSigma } from "../diffusion/takeover.ts";
import type { NoiseLevel } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { GenerateRequest, ModelInfo, Settings, Step } from "../protocol.ts";
import { largeSize } from "./large-size.ts";

/**
 * The steps to go on from must be steps of the run that is asked for: one after the other, within its number, with latents of its
 * size. @throws EngineError InvalidSetting
 */
export function checkResume({ settings, resume }: GenerateRequest, model: ModelInfo): void {
  const { takeover } = settings;
  if (takeover) {
    if (!Number.isInteger(takeover.step) || takeover.step < 1 || takeover.step >= settings.steps) {
      throw unfit(`another sampler takes over before step ${takeover.step + 1}, and the run has ${settings.steps}`);
    }
    if (!resume?.steps.some(({ index }) => index === takeover.step - 1)) {
      throw unfit(`another sampler takes over after step ${takeover.step}, which is not among them`);
    }
    if (!model.samplers.some(({ id }) => id === takeover.levels)) {
      throw unfit(`the model has no sampler "${takeover.levels}", which they were begun with`);
    }
  }
  if (!resume) return;
  const { vaeScaleFactor, latentChannels } = model;
  const { highResolution: large } = settings;
  const total = settings.steps + (large?.steps ?? 0);
  const dimsOf = ({ width, height }: Pick<Settings, "width" | "height">) => [
    1,
    latentChannels,
    height / vaeScaleFactor,
    width / vaeScaleFactor,
  ];
  const own = dimsOf(settings);
  const enlarged = large && dimsOf(largeSize(settings, large, model.sizeMultiple));
  for (const [i, { index, x, denoised }] of resume.steps.entries()) {
    if (index !== resume.steps[0].index + i) {
      throw unfit(`step ${index + 1} does not follow step ${resume.steps[i - 1].index + 1}`);
    }
    if (index < 0 || index >= total) {
      throw unfit(`there is a step ${index + 1}, and the run has ${total}`);
    }
    const dims = index < settings.steps || !enlarged ? own : enlarged;
    const length = dims.reduce((product, side) => product * side);
    for (const tensor of [x, denoised]) {
      if (tensor.dims.join() !== dims.join() || tensor.data.length !== length) {
        throw unfit(`the latents of step ${index + 1} are ${tensor.dims.join(" x ")} instead of ${dims.join(" x ")}`);
      }
    }
  }
}

/**
 * The latents of a step lie at a noise level of the run that made them: the run that goes on must have that level there, too.
 * @throws EngineError InvalidSetting
 */
export function checkLevels(steps: readonly Step[], levels: readonly NoiseLevel[]): void {
  const total = levels.length - 1;
  for (const step of steps) {
    if (step.total !== total) throw unfit(`they are of a run of ${step.total} steps, and this one has ${total}`);
    const sigma = sigmaOf(levels[step.index]);
    if (sameSigma(step.sigma, sigma)) continue;
    const [was, is] = [step.sigma, sigma].map((value) => value.toPrecision(4));
    throw unfit(`step ${step.index + 1} was made at sigma ${was}, and this run has ${is} there`);
  }
}

function unfit(cause: string): EngineError {
  return new EngineError(
    "InvalidSetting",
    `The run cannot go on from these steps: ${cause}; use the settings that they were made with, or begin anew.`,
  );
}
