/**
 * Stable Diffusion XL, Turbo and Lightning (Podell et al. 2023): the penultimate hidden states of two CLIPs side by side, the
 * second one's pooled embedding, and the picture's sizes as numbers (section 2.2).
 */
import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import { encodeText } from "../prompt/encode-text.ts";
import { encoderOf, joinChannels, zeros } from "./text.ts";
import type { Family, Size } from "./types.ts";

export const stableDiffusionXl: Family = {
  pipelines: ["StableDiffusionXL"],
  part: "unet",
  schedule: "diffusion",
  matches: (conditions) => conditions.has("text_embeds") && conditions.has("time_ids"),
  conditions: ["encoder_hidden_states", "text_embeds", "time_ids"],
  chunked: [0, 1],
  async encode(model, text, size) {
    const { penultimate, pooled } = await encodeText(encoderOf(model, 1), text, ["penultimate", "pooled"]);
    const ids = timeIds(model, text.isNegative ?? false, size, pooled.dims[1]);
    const time_ids = { data: Float32Array.from(ids), dims: [1, ids.length] };
    // the refiner and its like go without the first encoder
    const first = model.textEncoders[0];
    const states = first
      ? joinChannels((await encodeText(first, text, ["penultimate"])).penultimate, penultimate)
      : penultimate;
    // as in diffusers, where nothing else is said
    const { force_zeros_for_empty_prompt: forced = true } = model.index;
    if (text.text === undefined && forced) {
      return { encoder_hidden_states: zeros(...states.dims), text_embeds: zeros(...pooled.dims), time_ids };
    }
    return { encoder_hidden_states: states, text_embeds: pooled, time_ids };
  },
  defaults: { steps: 30, guidanceScale: 5 },
  // published by ComfyUI
  preview: {
    factors: [
      [0.3651, 0.4232, 0.4341],
      [-0.2533, -0.0042, 0.1068],
      [0.1076, 0.1111, -0.0362],
      [-0.3165, -0.2492, -0.2188],
    ],
    bias: [0.1084, -0.0175, -0.0011],
  },
};

/** The scores that diffusers' pipelines give the refiner for the prompt and for the negative prompt. */
const AESTHETIC_SCORE = 6;
const NEGATIVE_AESTHETIC_SCORE = 2.5;

/**
 * Original height and width, top and left of the crop, and then the target's height and width or, for the refiner, an aesthetic score.
 * @param pooledWidth width of the pooled embedding, which the U-Net takes beside them
 * @throws EngineError ModelUnsupported where the U-Net takes another number of them
 */
function timeIds(
  { index, backbone }: Model,
  isNegative: boolean,
  { width, height }: Size,
  pooledWidth: number,
): number[] {
  const target = index.requires_aesthetics_score
    ? [isNegative ? NEGATIVE_AESTHETIC_SCORE : AESTHETIC_SCORE]
    : [height, width];
  const ids = [height, width, 0, 0, ...target];
  const { addition_time_embed_dim: each, projection_class_embeddings_input_dim: all } = backbone.config;
  const taken = each && all ? (all - pooledWidth) / each : ids.length;
  if (taken === ids.length) return ids;
  throw new EngineError(
    "ModelUnsupported",
    `The U-Net takes ${taken} numbers for the picture's size, and model_index.json says ${ids.length} (requires_aesthetics_score is ${index.requires_aesthetics_score ?? false}); put the model's own model_index.json and unet/config.json there.`,
  );
}
