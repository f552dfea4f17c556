/**
 * Stable Diffusion XL, Turbo and Lightning (Podell et al. 2023): the penultimate hidden states of two CLIPs side by side, the
 * second one's pooled embedding, and the picture's sizes as numbers (section 2.2).
 */
import { encodeText } from "../prompt/encode-text.ts";
import { encoderOf, joinChannels, zeros } from "./text.ts";
import type { Family } from "./types.ts";

export const stableDiffusionXl: Family = {
  matches: (conditions) => conditions.has("text_embeds") && conditions.has("time_ids"),
  conditions: ["encoder_hidden_states", "text_embeds", "time_ids"],
  chunked: [0, 1],
  async encode(model, text, { width, height }) {
    const time_ids = {
      // original height and width, top and left of the crop, target height and width
      data: Float32Array.from([height, width, 0, 0, height, width]),
      dims: [1, 6],
    };
    const { penultimate, pooled } = await encodeText(encoderOf(model, 1), text, ["penultimate", "pooled"]);
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
