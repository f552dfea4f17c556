/**
 * The words of the mathematics. One convention throughout: noisy latents are `x = alpha * x0 + sigma * noise`.
 * Diffusion models are variance preserving (alpha^2 + sigma^2 = 1), flow matching has alpha = 1 - sigma.
 */
import type { Tensor } from "../tensor/tensor.ts";

/** How noisy a tensor is: `x = alpha * x0 + sigma * noise`, and the timestep that the network is told. */
export interface NoiseLevel {
  readonly timestep: number;
  readonly alpha: number;
  readonly sigma: number;
}

/** What this folder needs of an AbortSignal (which is one): no platform types here. */
export interface CancelSignal {
  readonly aborted: boolean;
  throwIfAborted(): void;
}

/**
 * The estimate of x0 from a noisy tensor at step `index`: network, guidance and `fromPrediction` composed by the pipeline.
 * It neither clips nor thresholds: samplers do, where their config says so.
 */
export type Denoise = (x: Tensor, level: NoiseLevel, index: number, signal: CancelSignal) => Promise<Tensor>;

export interface SamplerStep {
  /** counts from 0 for the first level of the run's `levels`; image-to-image starts later */
  readonly index: number;
  /** `levels[index]`: where the step began and `denoised` was estimated */
  readonly level: NoiseLevel;
  /** the latents after the step, at `levels[index + 1]` */
  readonly x: Tensor;
  /** the estimate of x0 that the step was made from, clipped where the config says so */
  readonly denoised: Tensor;
}

export type PredictionType = "epsilon" | "sample" | "v_prediction" | "flow_prediction";

/** The fields of diffusers' scheduler_config.json that change a result, named as in the file. `null` counts as absent. */
export interface SchedulerConfig {
  readonly _class_name?: string | null;
  readonly num_train_timesteps?: number | null;
  readonly beta_start?: number | null;
  readonly beta_end?: number | null;
  readonly beta_schedule?: string | null;
  readonly trained_betas?: readonly number[] | null;
  readonly rescale_betas_zero_snr?: boolean | null;
  readonly prediction_type?: string | null;
  readonly timestep_spacing?: string | null;
  readonly steps_offset?: number | null;
  readonly set_alpha_to_one?: boolean | null;
  readonly clip_sample?: boolean | null;
  readonly clip_sample_range?: number | null;
  readonly thresholding?: boolean | null;
  readonly dynamic_thresholding_ratio?: number | null;
  readonly sample_max_value?: number | null;
  readonly variance_type?: string | null;
  readonly interpolation_type?: string | null;
  readonly timestep_type?: string | null;
  readonly use_karras_sigmas?: boolean | null;
  readonly use_exponential_sigmas?: boolean | null;
  readonly use_beta_sigmas?: boolean | null;
  readonly use_lu_lambdas?: boolean | null;
  readonly use_flow_sigmas?: boolean | null;
  readonly flow_shift?: number | null;
  readonly sigma_min?: number | null;
  readonly sigma_max?: number | null;
  readonly final_sigmas_type?: string | null;
  readonly algorithm_type?: string | null;
  readonly solver_order?: number | null;
  readonly solver_type?: string | null;
  readonly lower_order_final?: boolean | null;
  readonly euler_at_final?: boolean | null;
  readonly lambda_min_clipped?: number | string | null;
  readonly predict_x0?: boolean | null;
  readonly disable_corrector?: readonly number[] | null;
  readonly skip_prk_steps?: boolean | null;
  readonly original_inference_steps?: number | null;
  readonly timestep_scaling?: number | null;
  readonly shift?: number | null;
  readonly use_dynamic_shifting?: boolean | null;
  readonly base_shift?: number | null;
  readonly max_shift?: number | null;
  readonly base_image_seq_len?: number | null;
  readonly max_image_seq_len?: number | null;
  readonly shift_terminal?: number | null;
  readonly time_shift_type?: string | null;
  readonly invert_sigmas?: boolean | null;
  readonly stochastic_sampling?: boolean | null;
}

export interface SampleOptions {
  readonly config: SchedulerConfig;
  readonly signal: CancelSignal;
  /** index of the first step to run; image-to-image begins in the middle (see image-to-image.ts) */
  readonly start?: number;
  /** whether another sampler made the steps before `start`; if not, image-to-image left them out */
  readonly takesOver?: boolean;
  /** the steps already done, oldest first, the first of them at `start` */
  readonly history?: readonly SamplerStep[];
  /** DDIM and TCD: 0 is deterministic, 1 as random as the sampler goes */
  readonly eta?: number;
  /** Holds latents at a level to what is known of them (inpainting): after every step, and within steps of several calls. */
  readonly constrain?: (x: Tensor, level: NoiseLevel) => Tensor;
}

export interface SamplerDefinition {
  /** kebab-case */
  readonly id: string;
  /** the field's usual name */
  readonly label: string;
  /** the diffusers class that it agrees with */
  readonly schedulerClass: string;
  /** which algorithm_type of the class it is, where the class has several */
  readonly algorithm?: string;
  readonly families: readonly ("diffusion" | "flow")[];
  /** every config field that this sampler reads, with the value that it has when the file does not say */
  readonly defaults: SchedulerConfig;
  /** Whether a run draws noise on its way; samplers without it never do. */
  stochastic?(config: SchedulerConfig, eta?: number): boolean;
  /** Whether it can go on with another sampler's run: on any noise levels (when absent), on those that it would choose itself, or never. */
  readonly takesOver?: "own levels" | "never";
  /**
   * The levels of a run: `steps` of them and the final one, which has sigma 0 unless the config ends at the
   * smallest trained sigma.
   * @param tokens the number of image tokens; only flow models with dynamic shifting need it
   * @param strength of image-to-image: the part of the timesteps that a consistency model was distilled on to be used;
   * only `lcm` heeds it
   * @throws Error on steps out of range or a config that cannot be run, in one sentence
   */
  levels(config: SchedulerConfig, steps: number, tokens?: number, strength?: number): NoiseLevel[];
  /** The level that image-to-image noises to when it begins at step `index`, where that is not `levels[index]`. */
  startLevel?(index: number, levels: readonly NoiseLevel[], config: SchedulerConfig): NoiseLevel;
  /** Standard normal noise -> the latents at `levels[0]`, scaled as diffusers does (init_noise_sigma). */
  initial(noise: Tensor, levels: readonly NoiseLevel[], config: SchedulerConfig): Tensor;
  /**
   * One yielded item a step. `x` is where the run began, at `levels[start]`, also when it is resumed: the state is
   * then the last `history` item's `x`, and the noise that the done steps drew is drawn and dropped, so that the
   * rest of the run is the unbroken one bit for bit. `noise` gives a fresh standard normal draw at each call.
   */
  sample(
    denoise: Denoise,
    x: Tensor,
    levels: readonly NoiseLevel[],
    noise: () => Tensor,
    options: SampleOptions,
  ): AsyncGenerator<SamplerStep, void, undefined>;
}
