/** What a task is: a chain of stages, each of which denoises one tensor, and an output that the last one is decoded into. */
import type { Denoise, NoiseLevel } from "../diffusion/types.ts";
import type { Model } from "../models/load-model.ts";
import type { GenerateRequest, InputName, LoadProgress, Output, Settings } from "../protocol.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Family } from "./families/types.ts";
import type { LatentSpace } from "./latent-space.ts";
import type { Schedule } from "./schedule.ts";

/** A loaded model and what is asked of it. */
export interface Job {
  readonly model: Model;
  readonly family: Family;
  /** where the model's latents lie */
  readonly space: LatentSpace;
  /** with settings that `checkRequest` has passed */
  readonly request: GenerateRequest;
  /** progress of parts that are loaded lazily: the VAE encoder */
  readonly onProgress?: (progress: LoadProgress) => void;
}

export interface Pipeline {
  /** kebab-case */
  readonly id: string;
  readonly label: string;
  /** what a request brings for it, neither more nor less */
  readonly inputs: readonly InputName[];
  /** the optional settings that it reads; those that every pipeline reads are `COMMON_SETTINGS` */
  readonly settings: readonly (keyof Settings)[];
  readonly output: Output["kind"];
  /** what to do when a model cannot run it, for messages: "choose a model with a VAE encoder" */
  readonly remedy: string;
  accepts(model: Model): boolean;
  /** @throws EngineError InvalidSetting */
  plan(job: Job): Plan;
}

export interface Plan {
  readonly stages: readonly [Stage, ...Stage[]];
  /** decodes the last stage's tensor */
  decode(tensor: Tensor): Promise<Output>;
}

/** One denoised tensor. */
export interface Stage {
  /** shown beside its steps */
  readonly name: string;
  readonly space: Pick<LatentSpace, "id" | "preview">;
  /** of the tensor */
  readonly dims: readonly number[];
  readonly schedule: Schedule;
  /** index of the first step that is run */
  readonly first: number;
  /** a standard normal draw of the tensor's shape for the sampler, after `begin` has drawn what it needs */
  noise(): Tensor;
  /** The noisy tensor at the first step. @param previous what the stage before has come to */
  begin(previous: Tensor | undefined): Promise<Beginning>;
  /** Encodes what conditions the network. */
  denoiser(beginning: Beginning): Promise<Denoise>;
}

export interface Beginning {
  readonly x: Tensor;
  /** holds the tensor at a level to what is known of it */
  readonly constrain?: (x: Tensor, level: NoiseLevel) => Tensor;
  /** channels that the network sees behind the tensor's */
  readonly extra?: Tensor;
}
