/**
 * Stable Diffusion 3 and 3.5 (Esser et al. 2024, section 4): the penultimate hidden states of two CLIPs side by side, filled up with
 * zeros to the transformer's width, then T5's states, or zeros where the model goes without; and both CLIPs' pooled embeddings.
 */

import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { encodeInOneChunk, encodeText, type StepText } from "../prompt/encode-text.ts";
import { encoderOf, joinChannels, zeros } from "./text.ts";
import type { Family } from "./types.ts";

/** Tokens that diffusers' pipeline gives T5 to read (max_sequence_length). */
const T5_TOKENS = 256;

export const stableDiffusion3: Family = {
  pipelines: ["StableDiffusion3"],
  part: "transformer",
  schedule: "flow",
  matches: (conditions) => conditions.has("pooled_projections"),
  conditions: ["encoder_hidden_states", "pooled_projections"],
  chunked: [0, 1],
  async encode(model, text) {
    const clips = [];
    for (const encoder of [encoderOf(model, 0), encoderOf(model, 1)]) {
      // both read as far as the first one's window
      clips.push(await encodeText(encoder, text, ["penultimate", "pooled"], encoderOf(model, 0).tokenizer.window));
    }
    const states = joinChannels(...clips.map(({ penultimate }) => penultimate));
    const t5 = await t5States(model, text);
    const width = t5.dims[2];
    const [, tokens, clipWidth] = states.dims;
    const data = new Float32Array((tokens + t5.dims[1]) * width);
    data.set(joinChannels(states, zeros(1, tokens, width - clipWidth)).data);
    data.set(t5.data, tokens * width);
    return {
      encoder_hidden_states: { data, dims: [1, tokens + t5.dims[1], width] },
      pooled_projections: joinChannels(...clips.map(({ pooled }) => pooled)),
    };
  },
  defaults: { steps: 28, guidanceScale: 7 },
  // published by ComfyUI
  preview: {
    factors: [
      [-0.0922, -0.0175, 0.0749],
      [0.0311, 0.0633, 0.0954],
      [0.1994, 0.0927, 0.0458],
      [0.0856, 0.0339, 0.0902],
      [0.0587, 0.0272, -0.0496],
      [-0.0006, 0.1104, 0.0309],
      [0.0978, 0.0306, 0.0427],
      [-0.0042, 0.1038, 0.1358],
      [-0.0194, 0.002, 0.0669],
      [-0.0488, 0.013, -0.0268],
      [0.0922, 0.0988, 0.0951],
      [-0.0278, 0.0524, -0.0542],
      [0.0332, 0.0456, 0.0895],
      [-0.0069, -0.003, -0.081],
      [-0.0596, -0.0465, -0.0293],
      [-0.1448, -0.1463, -0.1189],
    ],
    bias: [0.2394, 0.2135, 0.1925],
  },
};

async function t5States(model: Model, text: StepText): Promise<Tensor> {
  const encoder = model.textEncoders[2];
  if (encoder) return (await encodeInOneChunk(encoder, text, ["last"], T5_TOKENS)).last;
  const { joint_attention_dim: width } = model.backbone.config;
  if (width) return zeros(1, T5_TOKENS, width);
  throw new EngineError(
    "ModelUnsupported",
    "transformer/config.json lacks joint_attention_dim, which a model without T5 needs; add it and load again.",
  );
}
