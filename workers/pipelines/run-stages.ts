/** A chain of stages, run one after the other: every step is streamed, and a run resumes from any of them. */
import { MOST_DRAWS } from "../diffusion/takeover.ts";
import type { CancelSignal, SampleOptions, SamplerStep } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Step, Takeover } from "../protocol.ts";
import { allFinite } from "../tensor/statistics.ts";
import { copy, type Tensor } from "../tensor/tensor.ts";
import { checkLevels, describeStages } from "./check-resume.ts";
import type { Stage } from "./pipeline.ts";

export interface RunOptions {
  readonly signal: CancelSignal;
  /** awaited after each step; its tensors are the receiver's to keep */
  readonly onStep: (step: Step) => void | Promise<void>;
  /** the steps that are done, oldest first */
  readonly done?: readonly Step[];
  readonly takeover?: Takeover | undefined;
  /** DDIM and TCD: 0 is deterministic, 1 as random as the sampler goes */
  readonly eta?: number | undefined;
}

export interface RunResult {
  /** the last stage's tensor */
  readonly latents: Tensor;
  /** milliseconds in all stages: encoding what conditions the network, and the steps */
  readonly conditioning: number;
  readonly denoising: number;
}

/** @throws EngineError Cancelled when the signal is aborted, NotFinite, DeviceLost, OutOfMemory */
export async function runStages(stages: readonly [Stage, ...Stage[]], options: RunOptions): Promise<RunResult> {
  const { done = [] } = options;
  let latents: Tensor | undefined;
  let [conditioning, denoising] = [0, 0];
  for (const [place, stage] of stages.entries()) {
    const own = done.filter((step) => step.stage === place);
    const last = own.at(-1);
    if (last && last.index + 1 === stepsOf(stage)) {
      latents = last.x;
      continue;
    }
    const beginning = await stage.begin(latents);
    const conditioned = performance.now();
    const denoise = await stage.denoiser(beginning);
    const began = performance.now();
    const takeover = (options.takeover?.stage ?? 0) === place ? options.takeover : undefined;
    const { start, from, history } = resume(stage, beginning.x, own, takeover);
    const sampling: SampleOptions = {
      config: stage.schedule.config,
      signal: options.signal,
      start,
      takesOver: takeover !== undefined,
      history,
      eta: options.eta ?? 0,
      ...(beginning.constrain && { constrain: beginning.constrain }),
    };
    const { sampler, levels } = stage.schedule;
    latents = history.at(-1)?.x ?? from;
    let stepBegan = performance.now();
    for await (const step of sampler.sample(denoise, from, levels, stage.noise, sampling)) {
      checkFinite(step);
      latents = step.x;
      await options.onStep(toStep(step, stages, place, performance.now() - stepBegan));
      if (options.signal.aborted) throw new EngineError("Cancelled", "Cancelled.");
      stepBegan = performance.now();
    }
    conditioning += began - conditioned;
    denoising += performance.now() - began;
  }
  return { latents: latents as Tensor, conditioning, denoising };
}

/** Steps of a stage's schedule. */
function stepsOf({ schedule }: Stage): number {
  return schedule.levels.length - 1;
}

/**
 * Where the sampler begins, and which of the done steps are its own. Where it took over from another one, the noise that the earlier
 * steps may have drawn is left out, so that none is used twice.
 */
function resume(stage: Stage, begun: Tensor, done: readonly Step[], takeover: Takeover | undefined) {
  const { levels } = stage.schedule;
  checkLevels(done, stage);
  const start = takeover?.step ?? stage.first;
  for (let draws = MOST_DRAWS * (start - stage.first); draws > 0; draws--) stage.noise();
  const history = done
    .filter((step) => step.index >= start)
    .map(({ index, x, denoised }): SamplerStep => ({ index, level: levels[index], x, denoised }));
  return { start, from: done.find((step) => step.index === start - 1)?.x ?? begun, history };
}

function checkFinite({ index, x, denoised }: SamplerStep): void {
  if (allFinite(x) && allFinite(denoised)) return;
  throw new EngineError(
    "NotFinite",
    `The latents of step ${index + 1} contain NaN or infinite values; lower the guidance scale, or choose another sampler or seed.`,
  );
}

/** Tensors that leave are transferred, and the sampler still needs its own. */
function toStep(step: SamplerStep, stages: readonly Stage[], stage: number, milliseconds: number): Step {
  const { timestep, alpha, sigma } = step.level;
  return {
    stages: describeStages(stages),
    stage,
    index: step.index,
    timestep,
    sigma: sigma / alpha,
    milliseconds,
    x: copy(step.x),
    denoised: copy(step.denoised),
  };
}
