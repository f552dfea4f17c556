import type { familyOf } from "../../diffusion/samplers/registry.ts";
import type { SchedulerConfig } from "../../diffusion/types.ts";
import type { Model } from "../../models/load-model.ts";
import type { Backbone, Conditioning } from "../../models/parts/backbone.ts";
import type { StepText } from "../prompt/encode-text.ts";

/** What a prompt is turned into depends on the family of the model; nothing else does. */
export interface Family {
  /** diffusers' classes that run it, without Img2Img, Inpaint and Pipeline; the first one is the plainest */
  readonly pipelines: readonly string[];
  readonly part: Backbone["part"];
  /** what its schedulers in diffusers are for */
  readonly schedule: ReturnType<typeof familyOf>;
  /** whether a model is of this family, judged by the inputs that its backbone declares */
  matches(conditions: ReadonlySet<string>): boolean;
  /** the inputs that `encode` gives */
  readonly conditions: readonly string[];
  /** indices of the text encoders that read long prompts in chunks */
  readonly chunked: readonly number[];
  /** @param size in pixels. @throws EngineError ModelUnsupported */
  encode(model: Model, text: StepText, size: Size): Promise<Conditioning>;
  readonly defaults: FamilyDefaults;
  /** What the family's pipelines in diffusers change of a sampler's config, whatever the model's file says. */
  schedulerOverrides?(inpaints: boolean): SchedulerConfig;
  /** Latent channel -> RGB, one row a channel, for latents as the backbone sees them, where it is known for the family. */
  readonly preview?: { readonly factors: [number, number, number][]; readonly bias: [number, number, number] };
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** The guidance scale is that of the family's pipeline in diffusers, the steps as many as show; a model with a darkroom.json brings its own. */
export interface FamilyDefaults {
  readonly steps: number;
  readonly guidanceScale: number;
}
