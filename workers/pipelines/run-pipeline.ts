import type { Stopwatch } from "../models/runtime/network.ts";
import type { GenerateResult, ModelInfo } from "../protocol.ts";
import { copy } from "../tensor/tensor.ts";
import { checkResume } from "./check-resume.ts";
import { checkSettings } from "./check-settings.ts";
import type { Job } from "./pipeline.ts";
import { readPrompt } from "./prompt/encode-prompts.ts";
import { pipelineFor } from "./registry.ts";
import { type RunOptions, runStages } from "./run-stages.ts";

/**
 * A request from its check to its decoded output.
 * @throws EngineError InvalidSetting, Cancelled, NotFinite, DeviceLost, OutOfMemory
 */
export async function runPipeline(
  job: Job,
  info: ModelInfo,
  stopwatch: Stopwatch,
  { signal, onStep }: Pick<RunOptions, "signal" | "onStep">,
): Promise<Omit<GenerateResult, "peakMemory">> {
  const { model, family, request } = job;
  const { settings, resume } = request;
  const pipeline = pipelineFor(request, model, info.title);
  checkSettings(request, info, pipeline);
  const { stages, decode } = pipeline.plan(job);
  checkResume(request, stages, info.samplers);
  const began = performance.now();
  const ranBefore = stopwatch.sessionRun;
  const { latents, conditioning, denoising } = await runStages(stages, {
    signal,
    onStep,
    done: resume?.steps ?? [],
    takeover: settings.takeover,
    eta: settings.eta,
  });
  const decodeBegan = performance.now();
  const output = await decode(latents);
  const ended = performance.now();
  return {
    output,
    latents: copy(latents),
    reading: {
      prompt: readPrompt(model, family, settings),
      negativePrompt: readPrompt(model, family, { ...settings, prompt: settings.negativePrompt }),
    },
    timings: {
      textEncoder: conditioning,
      denoise: denoising,
      decode: ended - decodeBegan,
      sessionRun: stopwatch.sessionRun - ranBefore,
      total: ended - began,
    },
  };
}
