import { combine } from "../../tensor/arithmetic.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { limitDenoised } from "../denoiser.ts";
import { resolveConfig } from "../noise-schedule.ts";
import type { NoiseLevel, SampleOptions, SamplerDefinition, SchedulerConfig } from "../types.ts";

/** A step that is done: `x` is what it began from, `denoised` was estimated from. */
export interface PastStep {
  readonly level: NoiseLevel;
  readonly x: Tensor;
  readonly denoised: Tensor;
  /** `x` after the correction of predictor-corrector methods; `x` itself for all others */
  readonly origin: Tensor;
}

/** Where a step begins. */
export interface StepState {
  readonly index: number;
  readonly levels: readonly NoiseLevel[];
  readonly level: NoiseLevel;
  readonly x: Tensor;
  /** the steps before, newest first, no more than a multistep method needs */
  readonly past: readonly PastStep[];
  /** with the sampler's defaults filled in */
  readonly config: SchedulerConfig;
}

/** Everything that one step may read. */
export interface StepInput extends StepState {
  readonly next: NoiseLevel;
  readonly eta: number | undefined;
  /** whether the run began in the middle because another sampler went before */
  readonly takesOver: boolean;
  /** the estimate of x0, clipped or thresholded where the config says so */
  denoise(x: Tensor, level: NoiseLevel): Promise<Tensor>;
  /** the estimate of x0 as it comes */
  denoiseFreely(x: Tensor, level: NoiseLevel): Promise<Tensor>;
  noise(): Tensor;
  /** holds latents in the middle of a step to what is known of them */
  constrain(x: Tensor, level: NoiseLevel): Tensor;
}

export interface StepResult {
  readonly x: Tensor;
  readonly denoised: Tensor;
}

const PAST_STEPS = 4;
const CLEAN: NoiseLevel = { timestep: 0, alpha: 1, sigma: 0 };

/**
 * Makes a sampler's generator from its single step. `draws` says how often step `index` calls `noise`: a resumed run
 * draws and drops as many. `correct` is the corrector of predictor-corrector methods: once the network has been heard
 * at `x`, it moves `x`.
 */
export function stepwise(
  defaults: SchedulerConfig,
  draws: (index: number, levels: readonly NoiseLevel[], options: SampleOptions) => number,
  step: (input: StepInput) => Promise<StepResult>,
  correct: (state: StepState, denoised: Tensor) => Tensor = ({ x }) => x,
): SamplerDefinition["sample"] {
  return async function* (denoise, first, levels, noise, options) {
    const { signal, start = 0, takesOver = false, history = [], eta, constrain = (x: Tensor) => x } = options;
    const config = resolveConfig(defaults, options.config);
    let x = first;
    let past: readonly PastStep[] = [];
    const remember = (state: StepState, denoised: Tensor) => {
      const { level } = state;
      past = [{ level, x: state.x, denoised, origin: correct(state, denoised) }, ...past].slice(0, PAST_STEPS);
    };
    for (const [i, done] of history.entries()) {
      const index = start + i;
      if (done.index !== index) {
        throw new Error(`The run cannot be resumed: step ${index} is missing from its history.`);
      }
      for (let n = draws(index, levels, options); n > 0; n--) noise();
      remember({ index, levels, level: levels[index], x, past, config }, done.denoised);
      x = done.x;
    }
    for (let index = start + history.length; index < levels.length - 1; index++) {
      signal.throwIfAborted();
      const state: StepState = { index, levels, level: levels[index], x, past, config };
      const denoiseFreely = (input: Tensor, at: NoiseLevel) => denoise(input, at, index, signal);
      const { x: moved, denoised } = await step({
        ...state,
        next: levels[index + 1],
        eta,
        takesOver,
        denoiseFreely,
        denoise: async (input, at) => limitDenoised(await denoiseFreely(input, at), config),
        noise,
        constrain,
      });
      remember(state, denoised);
      // the end is clean, whatever noise the schedule leaves
      x = constrain(moved, index + 2 < levels.length ? levels[index + 1] : CLEAN);
      yield { index, level: state.level, x, denoised };
    }
  };
}

export const never = (): number => 0;
export const always = (): number => 1;

/**
 * The exact solution of the probability flow ODE from one level to another while the estimate of x0 stays the same:
 * DDIM (Song et al. 2021, eq. 12), which is also Euler's method in sigma / alpha and for flow matching.
 */
export function moveTo(to: NoiseLevel, x: Tensor, denoised: Tensor, from: NoiseLevel): Tensor {
  const ratio = to.sigma / from.sigma;
  return combine([ratio, x], [to.alpha - ratio * from.alpha, denoised]);
}
