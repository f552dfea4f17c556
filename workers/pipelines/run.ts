/** What every task goes through: prompts encoded, levels planned, the sampler's steps handed on one by one, the end decoded. */
import { predictionType } from "../diffusion/denoiser.ts";
import { normalLatents, torchGenerator } from "../diffusion/random.ts";
import { configFor, findSampler } from "../diffusion/samplers/registry.ts";
import { slerp } from "../diffusion/slerp.ts";
import { MOST_DRAWS, takeoverLevels } from "../diffusion/takeover.ts";
import type {
  Latents,
  NoiseLevel,
  SampleOptions,
  SamplerDefinition,
  SamplerStep,
  SchedulerConfig,
} from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Model } from "../models/load-model.ts";
import type { Stopwatch } from "../models/network.ts";
import type { GenerateRequest, GenerateResult, LoadProgress, Settings, Step, Tensor, Variation } from "../protocol.ts";
import { checkLevels } from "./check-resume.ts";
import type { Family } from "./families/types.ts";
import { hasGuidanceEmbedding } from "./guidance-embedding.ts";
import { guidedDenoiser } from "./guided-denoiser.ts";
import { encodePrompts, readPrompt } from "./prompt/encode-prompts.ts";

/** One picture to be made. */
export interface Job {
  readonly model: Model;
  readonly family: Family;
  /** with settings that `checkSettings` has passed */
  readonly request: GenerateRequest;
  /** awaited after each step; its tensors are the receiver's to keep */
  readonly onStep: (step: Step) => void | Promise<void>;
  readonly signal: AbortSignal;
  readonly stopwatch: Stopwatch;
  /** of what the model fetches only now */
  readonly onProgress?: (progress: LoadProgress) => void;
}

/** What a task starts from. */
export interface Plan {
  readonly sampler: SamplerDefinition;
  readonly config: SchedulerConfig;
  readonly levels: readonly NoiseLevel[];
  /** of the latents */
  readonly dims: Latents["dims"];
  /** what a run begins with: a fresh standard normal draw of the latents' shape from the seed's generator, varied where that is asked for */
  noise(): Latents;
  /** so many standard normal numbers from the same generator */
  normal(count: number): Float32Array;
  /** what the sampler draws, once the task has begun: from the noise seed's generator, which stands where the seed's does */
  stepNoise(): Latents;
  readonly began: number;
  readonly ranBefore: number;
}

/** Where a task begins, and what it does between the steps. */
export interface Start {
  readonly latents: Latents;
  /** index of the first step to run */
  readonly index: number;
  readonly constrain?: NonNullable<SampleOptions["constrain"]>;
  /** channels that the backbone sees behind the latents */
  readonly extra?: Latents;
}

/** @param strength the part of the schedule that models with a guidance embedding are to be asked for */
export function plan({ model, family, request, stopwatch }: Job, strength = 1): Plan {
  const { settings } = request;
  const began = performance.now();
  const ranBefore = stopwatch.sessionRun;
  const sampler = findSampler(settings.sampler);
  const { backbone, vae } = model;
  const [height, width] = [settings.height / vae.scaleFactor, settings.width / vae.scaleFactor];
  const dims = [1, vae.latentChannels, height, width] as const;
  const tokens = (height * width) / backbone.sizeMultiple ** 2;
  const { config, levels } = orInvalid(() => {
    // a model that is told its guidance has a pipeline of its own, which changes nothing
    const overrides = hasGuidanceEmbedding(backbone) ? {} : family.schedulerOverrides?.(request.mask !== undefined);
    const schedule = (one: SamplerDefinition) => {
      const resolved = configFor(one, { ...model.schedulerConfig, ...overrides });
      return { sampler: one, config: resolved, levels: one.levels(resolved, settings.steps, tokens, strength) };
    };
    const own = schedule(sampler);
    const { takeover } = settings;
    if (!takeover) return own;
    return { ...own, levels: takeoverLevels(schedule(findSampler(takeover.levels)), own, takeover.step) };
  });
  const generator = torchGenerator(settings.seed);
  const { variation } = settings;
  const branch = settings.noiseSeed === undefined ? undefined : torchGenerator(settings.noiseSeed);
  return {
    sampler,
    config,
    levels,
    dims,
    noise() {
      branch?.normal(dims[0] * dims[1] * dims[2] * dims[3]);
      const own = normalLatents(generator, dims);
      return variation ? varied(own, variation) : own;
    },
    normal(count) {
      branch?.normal(count);
      return generator.normal(count);
    },
    stepNoise: () => normalLatents(branch ?? generator, dims),
    began,
    ranBefore,
  };
}

function varied(own: Latents, { seed, strength, of }: Variation): Latents {
  return slerp(strength, of ? varied(own, of) : own, normalLatents(torchGenerator(seed), own.dims));
}

/** @throws EngineError Cancelled when the signal is aborted, NotFinite, DeviceLost, OutOfMemory */
export async function denoiseAndDecode(job: Job, planned: Plan, start: Start): Promise<Drawn> {
  return finish(job, planned, await denoise(job, planned, start));
}

/** What a task comes to; the engine adds the memory that it took. */
export type Drawn = Omit<GenerateResult, "peakMemory">;

/** Where the sampler's steps have led. */
export interface Denoised {
  readonly latents: Latents;
  /** milliseconds of the prompts' encoding and of all steps */
  readonly encoding: number;
  readonly denoising: number;
}

/** @throws EngineError Cancelled when the signal is aborted, NotFinite, DeviceLost, OutOfMemory */
export async function denoise(job: Job, planned: Plan, start: Start): Promise<Denoised> {
  const { model, family, request, onStep, signal } = job;
  const { settings } = request;
  const { sampler, config, levels } = planned;
  const encodeBegan = performance.now();
  const branches = await encodePrompts(model, family, settings, levels.length - 1 - start.index);
  const encoded = performance.now();
  const { begin, from, history } = resumed(request, planned, start);
  let index = begin + history.length;
  const guidance = {
    scale: settings.guidanceScale,
    rescale: settings.guidanceRescale ?? 0,
    isGuided: guidedSteps(settings, start.index),
  };
  const type = orInvalid(() => predictionType(config));
  const network = guidedDenoiser(
    model.backbone,
    (step) => branches[step - start.index],
    guidance,
    type,
    () => index,
    start.extra,
  );
  const options: SampleOptions = {
    config,
    signal,
    start: begin,
    takesOver: settings.takeover !== undefined,
    history,
    eta: settings.eta ?? 0,
    ...(start.constrain ? { constrain: start.constrain } : {}),
  };
  let latents = history.at(-1)?.x ?? from;
  let stepBegan = performance.now();
  for await (const step of sampler.sample(network, from, levels, planned.stepNoise, options)) {
    latents = step.x;
    checkFinite(step);
    const milliseconds = performance.now() - stepBegan;
    await onStep(toStep(step, levels, milliseconds));
    if (signal.aborted) throw new EngineError("Cancelled", "Cancelled.");
    index = step.index + 1;
    stepBegan = performance.now();
  }
  return { latents, encoding: encoded - encodeBegan, denoising: performance.now() - encoded };
}

/** Decodes what the steps have led to. */
export async function finish(
  { model, family, request: { settings }, stopwatch }: Job,
  planned: Plan,
  { latents, encoding, denoising }: Denoised,
): Promise<Drawn> {
  const decodeBegan = performance.now();
  const picture = await model.vae.decode(latents);
  const ended = performance.now();
  return {
    picture,
    latents: copy(latents),
    reading: {
      prompt: readPrompt(model, family, settings),
      negativePrompt: readPrompt(model, family, { ...settings, prompt: settings.negativePrompt }),
    },
    timings: {
      textEncoder: encoding,
      denoise: denoising,
      decode: ended - decodeBegan,
      sessionRun: stopwatch.sessionRun - planned.ranBefore,
      total: ended - planned.began,
    },
  };
}

/**
 * Where the sampler begins, and which of the steps that are done are its own. Where it took over from another one, the noise that the
 * earlier steps may have drawn is left out, so that none is used twice.
 */
function resumed({ settings, resume }: GenerateRequest, { levels, stepNoise }: Plan, start: Start) {
  const done = resume?.steps ?? [];
  checkLevels(done, levels);
  const begin = settings.takeover?.step ?? start.index;
  for (let draws = MOST_DRAWS * (begin - start.index); draws > 0; draws--) stepNoise();
  const history = done
    .filter((step) => step.index >= begin)
    .map(({ index, x, denoised }): SamplerStep => ({ index, level: levels[index], x, denoised }));
  const from: Latents = done.find((step) => step.index === begin - 1)?.x ?? start.latents;
  return { begin, from, history };
}

/** What the mathematics refuses is a setting that does not fit. @throws EngineError InvalidSetting */
export function orInvalid<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new EngineError("InvalidSetting", (error as Error).message);
  }
}

/** The guidance interval is a part of the steps that are run, as diffusers' guiders count them (start and stop). */
function guidedSteps({ guidanceInterval, steps }: Settings, first: number): (index: number) => boolean {
  if (!guidanceInterval) return () => true;
  const run = steps - first;
  const [from, to] = guidanceInterval.map((part) => Math.trunc(part * run));
  return (index) => index - first >= from && index - first < to;
}

function checkFinite({ index, x, denoised }: SamplerStep): void {
  if (x.data.every(Number.isFinite) && denoised.data.every(Number.isFinite)) return;
  throw new EngineError(
    "NotFinite",
    `The latents of step ${index + 1} hold values that are no numbers; lower the guidance scale, or choose another sampler or seed.`,
  );
}

function toStep(step: SamplerStep, levels: readonly NoiseLevel[], milliseconds: number): Step {
  const { timestep, alpha, sigma } = step.level;
  return {
    index: step.index,
    total: levels.length - 1,
    timestep,
    sigma: sigma / alpha,
    milliseconds,
    x: copy(step.x),
    denoised: copy(step.denoised),
  };
}

/** Tensors that leave are transferred, and the sampler still needs its own. */
function copy({ data, dims }: Latents): Tensor {
  return { data: data.slice(), dims: [...dims] };
}
