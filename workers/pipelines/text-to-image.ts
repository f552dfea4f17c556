/**
 * Text to image: both prompts are encoded, noise is drawn from the seed, the sampler takes it down the levels with the guided
 * U-Net as its denoiser, and the VAE decodes what is left. Stable Diffusion's order of things (Rombach et al. 2022).
 */
import { fromPrediction, predictionType } from "../diffusion/denoiser.ts";
import { guide } from "../diffusion/guidance.ts";
import { normalLatents, torchGenerator } from "../diffusion/random.ts";
import { configFor, findSampler } from "../diffusion/samplers/registry.ts";
import type { Denoise, Latents, NoiseLevel, SamplerStep } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Model } from "../models/load-model.ts";
import type { FloatTensor, Stopwatch } from "../models/network.ts";
import type { GenerateRequest, GenerateResult, Settings, Step, Tensor } from "../protocol.ts";

/**
 * @param request with settings that `checkSettings` has passed
 * @param onStep awaited after each step; its tensors are the receiver's to keep
 * @throws EngineError Cancelled when `signal` is aborted, NotFinite, DeviceLost, OutOfMemory
 */
export async function textToImage(
  model: Model,
  request: GenerateRequest,
  onStep: (step: Step) => void | Promise<void>,
  signal: AbortSignal,
  stopwatch: Stopwatch,
): Promise<GenerateResult> {
  const { settings, resume } = request;
  const began = performance.now();
  const ranBefore = stopwatch.sessionRun;

  const states = await encodePrompts(model, settings);
  const encoded = performance.now();

  const sampler = findSampler(settings.sampler);
  const config = configFor(sampler, model.schedulerConfig);
  const levels = planLevels(() => sampler.levels(config, settings.steps));
  const { scaleFactor } = model.vae;
  const dims = [1, model.unet.latentChannels, settings.height / scaleFactor, settings.width / scaleFactor] as const;
  const generator = torchGenerator(settings.seed);
  const noise = () => normalLatents(generator, dims);
  const first = sampler.initial(noise(), levels, config);
  const denoise = guidedDenoiser(model, states, settings.guidanceScale, predictionType(config));

  const history = (resume?.steps ?? []).map(
    (step): SamplerStep => ({ index: step.index, level: levels[step.index], x: step.x, denoised: step.denoised }),
  );
  let latents = history.at(-1)?.x ?? first;
  let stepBegan = performance.now();
  for await (const step of sampler.sample(denoise, first, levels, noise, { config, signal, history })) {
    latents = step.x;
    checkFinite(step);
    const milliseconds = performance.now() - stepBegan;
    await onStep(toStep(step, levels, milliseconds));
    if (signal.aborted) throw new EngineError("Cancelled", "Cancelled.");
    stepBegan = performance.now();
  }
  const denoised = performance.now();

  const picture = await model.vae.decode(latents);
  const ended = performance.now();
  return {
    picture,
    latents: copy(latents),
    reading: {
      prompt: model.tokenizer.reading(settings.prompt),
      negativePrompt: model.tokenizer.reading(settings.negativePrompt),
    },
    timings: {
      textEncoder: encoded - began,
      denoise: denoised - encoded,
      decode: ended - denoised,
      sessionRun: stopwatch.sessionRun - ranBefore,
      total: ended - began,
    },
  };
}

/** States of the text encoder, [2, tokens, width] with the negative prompt first; one row when nothing is guided. */
function encodePrompts({ tokenizer, textEncoder }: Model, settings: Settings): Promise<FloatTensor> {
  const prompts = settings.guidanceScale === 1 ? [settings.prompt] : [settings.negativePrompt, settings.prompt];
  return textEncoder.encode(prompts.map((prompt) => tokenizer.ids(prompt)));
}

/** The U-Net as a denoiser: with guidance both branches in one call. */
function guidedDenoiser(
  model: Model,
  states: FloatTensor,
  scale: number,
  type: ReturnType<typeof predictionType>,
): Denoise {
  return async (x: Latents, level: NoiseLevel) => {
    if (scale === 1) {
      const prediction = await model.unet.predict(x, level.timestep, states);
      return fromPrediction(type, { data: prediction.data, dims: x.dims }, x, level);
    }
    const size = x.data.length;
    const twice = new Float32Array(2 * size);
    twice.set(x.data);
    twice.set(x.data, size);
    const [, ...shape] = x.dims;
    const { data } = await model.unet.predict({ data: twice, dims: [2, ...shape] }, level.timestep, states);
    const unconditional = { data: data.subarray(0, size), dims: x.dims };
    const conditional = { data: data.subarray(size), dims: x.dims };
    return fromPrediction(type, guide(unconditional, conditional, scale), x, level);
  };
}

function planLevels(plan: () => NoiseLevel[]): NoiseLevel[] {
  try {
    return plan();
  } catch (error) {
    throw new EngineError("InvalidSetting", (error as Error).message);
  }
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
