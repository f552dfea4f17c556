/** What every task goes through: prompts encoded, levels planned, the sampler's steps handed on one by one, the end decoded. */
import { predictionType } from "../diffusion/denoiser.ts";
import { normalLatents, torchGenerator } from "../diffusion/random.ts";
import { configFor, findSampler } from "../diffusion/samplers/registry.ts";
import type {
  Latents,
  NoiseLevel,
  SampleOptions,
  SamplerDefinition,
  SamplerStep,
  SchedulerConfig,
} from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Conditioning } from "../models/backbone.ts";
import type { Model } from "../models/load-model.ts";
import type { Stopwatch } from "../models/network.ts";
import type { GenerateRequest, GenerateResult, PromptReading, Settings, Step, Tensor } from "../protocol.ts";
import type { Family } from "./families/types.ts";
import { GUIDANCE_EMBEDDING, guidanceEmbedding, hasGuidanceEmbedding } from "./guidance-embedding.ts";
import { type Branches, guidedDenoiser } from "./guided-denoiser.ts";

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
}

/** What a task starts from. */
export interface Plan {
  readonly branches: Branches;
  readonly sampler: SamplerDefinition;
  readonly config: SchedulerConfig;
  readonly levels: readonly NoiseLevel[];
  /** of the latents */
  readonly dims: Latents["dims"];
  /** a fresh standard normal draw of the latents' shape from the seed's generator */
  noise(): Latents;
  /** so many standard normal numbers from the same generator */
  normal(count: number): Float32Array;
  readonly began: number;
  readonly encoded: number;
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
export async function plan({ model, family, request, stopwatch }: Job, strength = 1): Promise<Plan> {
  const { settings } = request;
  const began = performance.now();
  const ranBefore = stopwatch.sessionRun;
  const branches = await encodePrompts(model, family, settings);
  const encoded = performance.now();
  const sampler = findSampler(settings.sampler);
  const { backbone, vae } = model;
  const [height, width] = [settings.height / vae.scaleFactor, settings.width / vae.scaleFactor];
  const dims = [1, vae.latentChannels, height, width] as const;
  const tokens = (height * width) / backbone.sizeMultiple ** 2;
  const { config, levels } = orInvalid(() => {
    // a model that is told its guidance has a pipeline of its own, which changes nothing
    const overrides = hasGuidanceEmbedding(backbone) ? {} : family.schedulerOverrides?.(request.mask !== undefined);
    const resolved = configFor(sampler, { ...model.schedulerConfig, ...overrides });
    return { config: resolved, levels: sampler.levels(resolved, settings.steps, tokens, strength) };
  });
  const generator = torchGenerator(settings.seed);
  return {
    branches,
    sampler,
    config,
    levels,
    dims,
    noise: () => normalLatents(generator, dims),
    normal: (count) => generator.normal(count),
    began,
    encoded,
    ranBefore,
  };
}

/** @throws EngineError Cancelled when the signal is aborted, NotFinite, DeviceLost, OutOfMemory */
export async function denoiseAndDecode(job: Job, planned: Plan, start: Start): Promise<GenerateResult> {
  const { model, request, onStep, signal, stopwatch } = job;
  const { settings, resume } = request;
  const { sampler, config, levels } = planned;
  const history = (resume?.steps ?? []).map(
    (step): SamplerStep => ({ index: step.index, level: levels[step.index], x: step.x, denoised: step.denoised }),
  );
  let index = start.index + history.length;
  const guidance = {
    scale: settings.guidanceScale,
    rescale: settings.guidanceRescale ?? 0,
    isGuided: guidedSteps(settings, start.index),
  };
  const type = orInvalid(() => predictionType(config));
  const denoise = guidedDenoiser(model.backbone, planned.branches, guidance, type, () => index, start.extra);
  const options: SampleOptions = {
    config,
    signal,
    start: start.index,
    history,
    eta: settings.eta ?? 0,
    ...(start.constrain ? { constrain: start.constrain } : {}),
  };
  let latents = history.at(-1)?.x ?? start.latents;
  let stepBegan = performance.now();
  for await (const step of sampler.sample(denoise, start.latents, levels, planned.noise, options)) {
    latents = step.x;
    checkFinite(step);
    const milliseconds = performance.now() - stepBegan;
    await onStep(toStep(step, levels, milliseconds));
    if (signal.aborted) throw new EngineError("Cancelled", "Cancelled.");
    index = step.index + 1;
    stepBegan = performance.now();
  }
  const denoised = performance.now();
  const picture = await model.vae.decode(latents);
  const ended = performance.now();
  return {
    picture,
    latents: copy(latents),
    reading: {
      prompt: readPrompt(model, settings.prompt),
      negativePrompt: readPrompt(model, settings.negativePrompt),
    },
    timings: {
      textEncoder: planned.encoded - planned.began,
      denoise: denoised - planned.encoded,
      decode: ended - denoised,
      sessionRun: stopwatch.sessionRun - planned.ranBefore,
      total: ended - planned.began,
    },
  };
}

/** How the first text encoder reads a prompt. */
export function readPrompt({ textEncoders }: Model, prompt: string): PromptReading {
  const encoder = textEncoders.find((one) => one !== undefined);
  if (!encoder) throw new EngineError("ModelUnsupported", "The model has no text encoder; choose another model.");
  return encoder.tokenizer.reading(prompt);
}

/** What the mathematics refuses is a setting that does not fit. @throws EngineError InvalidSetting */
export function orInvalid<T>(compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw new EngineError("InvalidSetting", (error as Error).message);
  }
}

/** As in diffusers, a scale of 1 or less runs the prompt's branch alone, and so does a network that is told the scale. */
async function encodePrompts(model: Model, family: Family, settings: Settings): Promise<Branches> {
  const { prompt, negativePrompt, guidanceScale, width, height } = settings;
  const size = { width, height };
  const conditional: Conditioning = await family.encode(model, prompt, size);
  if (hasGuidanceEmbedding(model.backbone)) {
    const length = model.backbone.config.time_cond_proj_dim;
    if (!length) {
      throw new EngineError("ModelUnsupported", "unet/config.json lacks time_cond_proj_dim; add it and load again.");
    }
    return { conditional: { ...conditional, [GUIDANCE_EMBEDDING]: guidanceEmbedding(guidanceScale, length) } };
  }
  if (guidanceScale <= 1) return { conditional };
  return { conditional, unconditional: await family.encode(model, negativePrompt || undefined, size) };
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
