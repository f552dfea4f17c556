/** Single pieces of a run, for looking at: the same code as a run's, one call at a time. */
import { fromPrediction, predictionType, toPrediction } from "../diffusion/denoiser.ts";
import { addNoise } from "../diffusion/image-to-image.ts";
import { familyOf } from "../diffusion/samplers/registry.ts";
import { trainingLevels } from "../diffusion/training-levels.ts";
import type { SchedulerConfig } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type {
  Estimate,
  GenerateRequest,
  ModelInfo,
  NoiseLevel,
  NoiseSchedule,
  Prediction,
  PredictRequest,
  RunStart,
  ScheduleRequest,
} from "../protocol.ts";
import { combine } from "../tensor/arithmetic.ts";
import { copy, sameShape, type Tensor } from "../tensor/tensor.ts";
import { describeStages } from "./check-resume.ts";
import { checkSettings } from "./check-settings.ts";
import { combineHalves, halvesPredictor } from "./guided-denoiser.ts";
import { guidanceOf, latentSchedule } from "./latent-stage.ts";
import { createNoise } from "./noise-source.ts";
import { orInvalid } from "./or-invalid.ts";
import type { Job, Plan } from "./pipeline.ts";
import { encodePrompts } from "./prompt/encode-prompts.ts";
import { pipelineFor } from "./registry.ts";

/** What is looked at: a loaded model. */
export type Subject = Pick<Job, "model" | "family" | "space" | "onProgress">;

/** @throws EngineError InvalidSetting */
export function readSchedule(subject: Subject, { settings, scheduler }: ScheduleRequest): NoiseSchedule {
  const request = { ...subject, request: { settings } as GenerateRequest };
  const { config, levels } = latentSchedule(request, settings, {}, (scheduler ?? {}) as SchedulerConfig);
  const { schedulerConfig } = subject.model;
  const type = orInvalid(() => predictionType(config));
  const training = orInvalid(() => trainingLevels(config, familyOf(schedulerConfig)));
  return { levels: [...levels], training, predictionType: type };
}

/** @throws EngineError InvalidSetting */
export async function beginRun(subject: Subject, request: GenerateRequest, info: ModelInfo): Promise<RunStart> {
  const { stages } = plan(subject, request, info);
  const { x } = await stages[0].begin(undefined);
  return { x: copy(x), stage: describeStages(stages)[0] };
}

/** @throws EngineError InvalidSetting where their shapes differ */
export function combineTensors(terms: readonly (readonly [coefficient: number, tensor: Tensor])[]): Tensor {
  const shapes = terms.map(([, { dims }]) => dims);
  if (shapes.length > 0 && shapes.every((dims) => sameShape(dims, shapes[0]))) return combine(...terms);
  const named = shapes.map((dims) => dims.join(" x ")).join(" and ");
  throw new EngineError("InvalidSetting", `Tensors of one shape can be combined, not of ${named || "none"}.`);
}

/** The forward process: a clean tensor at a noise level. */
export function noiseTensor(tensor: Tensor, level: NoiseLevel, seed: number): { x: Tensor; noise: Tensor } {
  const noise = createNoise({ seed }, tensor.dims).initial();
  return { x: addNoise(tensor, noise, level), noise };
}

/**
 * One run of the network, and what is read from it.
 * @throws EngineError InvalidSetting, ModelUnsupported, DeviceLost, OutOfMemory
 */
export async function predictAt(
  subject: Subject,
  { settings, x, level, step = 0 }: PredictRequest,
  info: ModelInfo,
): Promise<Prediction> {
  const { stages } = plan(subject, { settings }, info);
  const { dims, schedule } = stages[0];
  if (!sameShape(x.dims, dims)) {
    throw new EngineError(
      "InvalidSetting",
      `The latents are ${x.dims.join(" x ")} and the settings ask for ${dims.join(" x ")}; give latents of their size.`,
    );
  }
  const { model, family } = subject;
  const halves = await encodePrompts(model, family, settings, settings.steps);
  const at = halves.at(step);
  if (!at) {
    throw new EngineError(
      "InvalidSetting",
      `There is no step ${step + 1} of ${settings.steps}; choose one of the run's steps.`,
    );
  }
  const guidance = guidanceOf(settings, 0);
  const predicted = await halvesPredictor(model.backbone)(x, level, at, guidance.isGuided(step));
  const type = orInvalid(() => predictionType(schedule.config));
  const estimate = (prediction: Tensor): Estimate => {
    const denoised = orInvalid(() => fromPrediction(type, prediction, x, level));
    // a network that predicts x0 hands out its own tensor
    return { denoised: copy(denoised), noise: orInvalid(() => toPrediction("epsilon", denoised, x, level)) };
  };
  const { conditional, unconditional } = predicted;
  return {
    conditional: estimate(conditional),
    ...(unconditional && { unconditional: estimate(unconditional) }),
    guided: estimate(combineHalves(predicted, guidance)),
  };
}

function plan(subject: Subject, request: GenerateRequest, info: ModelInfo): Plan {
  const pipeline = pipelineFor(request, subject.model, info.title);
  checkSettings(request, info, pipeline);
  return pipeline.plan({ ...subject, request });
}
