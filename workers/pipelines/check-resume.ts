import { sigmaOf } from "../diffusion/noise-schedule.ts";
import { sameSigma } from "../diffusion/takeover.ts";
import { EngineError } from "../errors.ts";
import type { GenerateRequest, ModelInfo, StageInfo, Step } from "../protocol.ts";
import { sameShape, sizeOf } from "../tensor/tensor.ts";
import type { Stage } from "./pipeline.ts";

/** What a step says of the stages of its run. */
export function describeStages(stages: readonly Stage[]): StageInfo[] {
  return stages.map(({ name, first, schedule, space }) => ({
    name,
    first,
    steps: schedule.levels.length - 1,
    space: space.id,
    preview: space.preview,
  }));
}

/**
 * The steps to resume from must be steps of the run that is asked for: one after the other through its stages, within their numbers,
 * with tensors of their shape. @throws EngineError InvalidSetting
 */
export function checkResume(
  { settings: { takeover }, resume }: GenerateRequest,
  stages: readonly Stage[],
  samplers: ModelInfo["samplers"],
): void {
  const steps = resume?.steps ?? [];
  if (takeover) {
    const { step, stage: place = 0, levels } = takeover;
    const stage = stages.at(place);
    if (!stage) throw unfit(`another sampler takes over in stage ${place + 1}, and the run has ${stages.length}`);
    const last = stage.schedule.levels.length - 1;
    if (!Number.isInteger(step) || step <= stage.first || step >= last) {
      throw unfit(`another sampler takes over before step ${step + 1}, and the run has ${last}`);
    }
    if (!steps.some(({ stage: at, index }) => at === place && index === step - 1)) {
      throw unfit(`another sampler takes over after step ${step}, which is not among them`);
    }
    if (!samplers.some(({ id }) => id === levels)) {
      throw unfit(`the model has no sampler "${levels}", which they were begun with`);
    }
  }
  for (const [i, step] of steps.entries()) checkStep(step, steps[i - 1], stages);
}

function checkStep({ stage: place, index, x, denoised }: Step, before: Step | undefined, stages: readonly Stage[]) {
  const stage = stages.at(place);
  const steps = stage ? stage.schedule.levels.length - 1 : 0;
  if (!stage || !Number.isInteger(index) || index < 0 || index >= steps) {
    throw unfit(`there is a step ${index + 1} of stage ${place + 1}, and the run has no such step`);
  }
  const follows = before
    ? before.stage === place
      ? index === before.index + 1
      : place === before.stage + 1 && before.index + 1 === stages[before.stage].schedule.levels.length - 1
    : true;
  if (!follows) throw unfit(`step ${index + 1} does not follow step ${(before?.index ?? 0) + 1}`);
  for (const tensor of [x, denoised]) {
    if (!sameShape(tensor.dims, stage.dims) || tensor.data.length !== sizeOf(stage.dims)) {
      throw unfit(
        `the latents of step ${index + 1} are ${tensor.dims.join(" x ")} instead of ${stage.dims.join(" x ")}`,
      );
    }
  }
}

/**
 * The tensor of a step lies at a noise level of the run that made it: the run that resumes must have that level there, too.
 * @throws EngineError InvalidSetting
 */
export function checkLevels(steps: readonly Step[], { schedule: { levels } }: Stage): void {
  const total = levels.length - 1;
  for (const step of steps) {
    const made = step.stages[step.stage].steps;
    if (made !== total) throw unfit(`they are of a run of ${made} steps, and this one has ${total}`);
    const sigma = sigmaOf(levels[step.index]);
    if (sameSigma(step.sigma, sigma)) continue;
    const [was, is] = [step.sigma, sigma].map((value) => value.toPrecision(4));
    throw unfit(`step ${step.index + 1} was made at sigma ${was}, and this run has ${is} there`);
  }
}

function unfit(cause: string): EngineError {
  return new EngineError(
    "InvalidSetting",
    `The run cannot resume from these steps: ${cause}; use the settings that they were made with, or start again.`,
  );
}
