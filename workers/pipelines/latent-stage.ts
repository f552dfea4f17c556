/** The stage that every latent diffusion model has: its backbone, conditioned by the prompts and guided, in its VAE's latents. */
import { predictionType } from "../diffusion/denoiser.ts";
import type { Settings } from "../protocol.ts";
import { runsAsConsistencyModel } from "./guidance-embedding.ts";
import { guidedDenoiser } from "./guided-denoiser.ts";
import { createNoise, type NoiseSource } from "./noise-source.ts";
import { orInvalid } from "./or-invalid.ts";
import type { Job, Stage } from "./pipeline.ts";
import { encodePrompts } from "./prompt/encode-prompts.ts";
import { createSchedule, type Schedule } from "./schedule.ts";

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
  { model, family, space, request }: Job,
  { name, place, settings, strength, first: firstOf, begin }: LatentStageOptions,
): Stage {
  const { backbone, schedulerConfig } = model;
  const dims = space.dims(settings);
  const [rows, columns] = dims.slice(-2);
  const overrides = runsAsConsistencyModel(model) ? {} : family.schedulerOverrides?.(request.mask !== undefined);
  const schedule = createSchedule(
    { ...schedulerConfig, ...overrides },
    {
      sampler: settings.sampler,
      steps: settings.steps,
      tokens: (rows * columns) / backbone.sizeMultiple ** 2,
      ...(strength !== undefined && { strength }),
      takeover: (settings.takeover?.stage ?? 0) === place ? settings.takeover : undefined,
    },
  );
  const first = firstOf?.(schedule) ?? 0;
  const type = orInvalid(() => predictionType(schedule.config));
  const noise = createNoise(settings, dims);
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
      const guidance = {
        scale: settings.guidanceScale,
        rescale: settings.guidanceRescale ?? 0,
        isGuided: guidedSteps(settings, first),
      };
      return guidedDenoiser(backbone, (index) => halves[index - first], guidance, type, extra);
    },
  };
}

/** The guidance interval is a part of the steps that are run, as diffusers' guiders count them (start and stop). */
function guidedSteps({ guidanceInterval, steps }: Settings, first: number): (index: number) => boolean {
  if (!guidanceInterval) return () => true;
  const run = steps - first;
  const [from, to] = guidanceInterval.map((part) => Math.trunc(part * run));
  return (index) => index - first >= from && index - first < to;
}
