/** The stage that every latent diffusion model has: its backbone, conditioned by the prompts and guided, in its VAE's latents. */
import { predictionType } from "../diffusion/denoiser.ts";
import type { SchedulerConfig } from "../diffusion/types.ts";
import type { Settings } from "../protocol.ts";
import { runsAsConsistencyModel } from "./guidance-embedding.ts";
import { type Guidance, guidedDenoiser, halvesPredictor } from "./guided-denoiser.ts";
import { createNoise, type NoiseSource } from "./noise-source.ts";
import { orInvalid } from "./or-invalid.ts";
import type { Job, Stage } from "./pipeline.ts";
import { encodePrompts } from "./prompt/encode-prompts.ts";
import { createSchedule, type Schedule, type ScheduleOptions } from "./schedule.ts";

export interface LatentStageOptions {
  readonly name: string;
  /** of this stage: a second pass has its own size and steps */
  readonly settings: Settings;
  /** its place among the run's stages */
  readonly place: number;
  /** fraction of the schedule that a consistency model runs (image to image) */
  readonly strength?: number;
  first?(schedule: Schedule): number;
  begin(source: Source, previous: Parameters<Stage["begin"]>[0]): ReturnType<Stage["begin"]>;
}

/** What a stage begins from. */
export interface Source {
  readonly schedule: Schedule;
  readonly noise: NoiseSource;
  readonly dims: readonly number[];
  readonly first: number;
}

/** @throws EngineError InvalidSetting */
export function latentStage(
  job: Job,
  { name, place, settings, strength, first: firstOf, begin }: LatentStageOptions,
): Stage {
  const { model, family, space, request } = job;
  const dims = space.dims(settings);
  const schedule = latentSchedule(job, settings, {
    ...(strength !== undefined && { strength }),
    takeover: (settings.takeover?.stage ?? 0) === place ? settings.takeover : undefined,
  });
  const first = firstOf?.(schedule) ?? 0;
  const type = orInvalid(() => predictionType(schedule.config));
  const noise = createNoise(settings, dims, place === 0 ? request.noise : undefined);
  return {
    name,
    space,
    dims,
    schedule,
    first,
    noise: noise.step,
    begin: (previous) => begin({ schedule, noise, dims, first }, previous),
    async denoiser({ extra }) {
      const halves = await encodePrompts(model, family, settings, schedule.levels.length - 1 - first);
      const predict = halvesPredictor(model.backbone, extra);
      return guidedDenoiser(predict, (index) => halves[index - first], guidanceOf(settings, first), type);
    },
  };
}

/**
 * The schedule of a stage of that size.
 * @param given fields of scheduler_config.json that take the place of the model's own
 * @throws EngineError InvalidSetting
 */
export function latentSchedule(
  { model, family, space, request }: Pick<Job, "model" | "family" | "space" | "request">,
  settings: Pick<Settings, "sampler" | "steps" | "width" | "height">,
  { strength, takeover }: Pick<ScheduleOptions, "strength" | "takeover"> = {},
  given: SchedulerConfig = {},
): Schedule {
  const { backbone, schedulerConfig } = model;
  const [rows, columns] = space.dims(settings).slice(-2);
  const overrides = runsAsConsistencyModel(model) ? {} : family.schedulerOverrides?.(request.mask !== undefined);
  return createSchedule(
    { ...schedulerConfig, ...overrides, ...given },
    {
      sampler: settings.sampler,
      steps: settings.steps,
      tokens: (rows * columns) / backbone.sizeMultiple ** 2,
      ...(strength !== undefined && { strength }),
      takeover,
    },
  );
}

/** @param first index of the first step that is run */
export function guidanceOf(settings: Settings, first: number): Guidance {
  return {
    scale: settings.guidanceScale,
    rescale: settings.guidanceRescale ?? 0,
    isGuided: guidedSteps(settings, first),
  };
}

/** The guidance interval is a part of the steps that are run, as diffusers' guiders count them (start and stop). */
function guidedSteps({ guidanceInterval, steps }: Settings, first: number): (index: number) => boolean {
  if (!guidanceInterval) return () => true;
  const run = steps - first;
  const [from, to] = guidanceInterval.map((part) => Math.trunc(part * run));
  return (index) => index - first >= from && index - first < to;
}
