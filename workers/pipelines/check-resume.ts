import { EngineError } from "../errors.ts";
import type { GenerateRequest, ModelInfo } from "../protocol.ts";

/**
 * The steps to go on from must be steps of the run that is asked for: one after the other, within its number, with latents of its
 * size. @throws EngineError InvalidSetting
 */
export function checkResume({ settings, resume }: GenerateRequest, model: ModelInfo): void {
  if (!resume) return;
  const { vaeScaleFactor, latentChannels } = model;
  const dims = [1, latentChannels, settings.height / vaeScaleFactor, settings.width / vaeScaleFactor];
  const length = dims.reduce((product, side) => product * side);
  for (const [i, { index, x, denoised }] of resume.steps.entries()) {
    if (index !== resume.steps[0].index + i) {
      throw unfit(`step ${index + 1} does not follow step ${resume.steps[i - 1].index + 1}`);
    }
    if (index < 0 || index >= settings.steps) {
      throw unfit(`there is a step ${index + 1}, and the run has ${settings.steps}`);
    }
    for (const tensor of [x, denoised]) {
      if (tensor.dims.join() !== dims.join() || tensor.data.length !== length) {
        throw unfit(`the latents of step ${index + 1} are ${tensor.dims.join(" x ")} instead of ${dims.join(" x ")}`);
      }
    }
  }
}

function unfit(cause: string): EngineError {
  return new EngineError(
    "InvalidSetting",
    `The run cannot go on from these steps: ${cause}; use the settings that they were made with, or begin anew.`,
  );
}
