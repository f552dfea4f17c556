/** Stable Diffusion 1.x and 2.x, SD-Turbo and LCM (Rombach et al. 2022): the last hidden states of one CLIP. */
import { encodeText } from "../prompt/encode-text.ts";
import { encoderOf } from "./text.ts";
import type { Family } from "./types.ts";

export const stableDiffusion: Family = {
  pipelines: ["StableDiffusion", "LatentConsistencyModel"],
  part: "unet",
  schedule: "diffusion",
  matches: (conditions) =>
    conditions.has("encoder_hidden_states") && !conditions.has("text_embeds") && !conditions.has("pooled_projections"),
  conditions: ["encoder_hidden_states"],
  chunked: [0],
  async encode(model, text) {
    const { last } = await encodeText(encoderOf(model, 0), text, ["last"]);
    return { encoder_hidden_states: last };
  },
  schedulerOverrides: (inpaints) => ({
    steps_offset: 1,
    ...(inpaints ? { skip_prk_steps: true } : { clip_sample: false }),
  }),
  defaults: { steps: 25, guidanceScale: 7.5 },
  // published by ComfyUI, to three digits
  preview: {
    factors: [
      [0.351, 0.23, 0.323],
      [0.325, 0.497, 0.235],
      [-0.283, 0.176, 0.272],
      [-0.212, -0.262, -0.718],
    ],
    bias: [0, 0, 0],
  },
};
