import { EngineError } from "../errors.ts";
import type { Model } from "../models/load-model.ts";
import type { GenerateRequest, InputName, PipelineInfo, Settings } from "../protocol.ts";
import { imageToImage } from "./image-to-image.ts";
import { inpainting } from "./inpainting.ts";
import { vaeOf } from "./latent-space.ts";
import type { Pipeline } from "./pipeline.ts";
import { seesMask } from "./sees-mask.ts";
import { textToImage } from "./text-to-image.ts";

/** Every pipeline; a new one is a file and a line here. */
export const pipelines: readonly Pipeline[] = [textToImage, imageToImage, inpainting];

/** The optional settings that every pipeline reads. */
export const COMMON_SETTINGS: readonly (keyof Settings)[] = [
  "plainPrompt",
  "guidanceRescale",
  "guidanceInterval",
  "eta",
  "noiseSeed",
  "variation",
  "takeover",
];

/** What a loaded model can be asked for. @throws EngineError ModelUnsupported when no pipeline runs it */
export function pipelinesOf(model: Model): PipelineInfo[] {
  checkChannels(model);
  const accepted = pipelines.filter((pipeline) => pipeline.accepts(model));
  if (accepted.length === 0) {
    throw new EngineError(
      "ModelUnsupported",
      "The model goes on from a picture and has no VAE encoder; get the whole folder and load again.",
    );
  }
  return accepted.map(({ id, label, inputs, settings, output }) => ({
    id,
    label,
    inputs,
    settings: [...COMMON_SETTINGS, ...settings],
    output,
  }));
}

function checkChannels(model: Model): void {
  const { inputChannels, config } = model.backbone;
  const { latentChannels } = vaeOf(model);
  const misfit = (what: string) =>
    new EngineError(
      "ModelUnsupported",
      `The model ${what} where its latents have ${latentChannels}; Darkroom has no pipeline for it.`,
    );
  if (inputChannels !== latentChannels && !seesMask(model)) {
    throw misfit(`takes ${inputChannels} channels`);
  }
  const { out_channels: predicted = latentChannels } = config;
  if (predicted === 2 * latentChannels) throw misfit(`predicts ${predicted} channels (a learned variance)`);
  if (predicted !== latentChannels) throw misfit(`predicts ${predicted} channels`);
}

/**
 * The pipeline that a request asks for, by what it brings.
 * @throws EngineError InvalidSetting: when the model cannot run it, and what to do
 */
export function pipelineFor(request: GenerateRequest, model: Model, title: string): Pipeline {
  const given = (["image", "mask"] as const).filter((input) => request[input] !== undefined);
  const wanted = pipelines.filter(({ inputs }) => sameInputs(inputs, given));
  const accepted = wanted.find((pipeline) => pipeline.accepts(model));
  if (accepted) return accepted;
  if (wanted.length === 0) {
    throw new EngineError("InvalidSetting", "A mask was given without the picture that it covers; give both.");
  }
  const others = pipelines.filter((pipeline) => pipeline.accepts(model)).map(({ id }) => id);
  const [{ id, remedy }] = wanted;
  throw new EngineError("InvalidSetting", `${title} is made for ${others.join(", ")}, not for ${id}; ${remedy}.`);
}

function sameInputs(one: readonly InputName[], other: readonly InputName[]): boolean {
  return one.length === other.length && one.every((input) => other.includes(input));
}
