import { describe, expect, test } from "vitest";
import { fromOriginal, keyOf } from "./layer-names.ts";

const ATTENTION = "down_blocks_1_attentions_0_transformer_blocks_0_attn1_to_q";

describe("one name, whoever wrote it", () => {
  test.each([
    ["unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q", `unet: ${ATTENTION}`],
    ["unet.down_blocks.1.attentions.0.transformer_blocks.0.attn1.processor.to_q", `unet: ${ATTENTION}`],
    [`lora_unet_${ATTENTION}`, `unet: ${ATTENTION}`],
    [`lycoris_unet_${ATTENTION}`, `unet: ${ATTENTION}`],
    ["down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q", `unet: ${ATTENTION}`],
    ["base_model.model.down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q", `unet: ${ATTENTION}`],
    ["base_model.model.unet.mid_block.resnets.0.conv1", "unet: mid_block_resnets_0_conv1"],
    ["diffusion_model.input_blocks.1.0.in_layers.2", "unet: input_blocks_1_0_in_layers_2"],
    ["model.diffusion_model.out.2", "unet: out_2"],
    ["transformer.transformer_blocks.0.attn.to_q", "transformer: transformer_blocks_0_attn_to_q"],
    ["transformer_blocks.0.attn.to_q", "unet: transformer_blocks_0_attn_to_q"],
    ["lora_te_text_model_encoder_layers_0_mlp_fc1", "text_encoder: encoder_layers_0_mlp_fc1"],
    ["lora_te1_text_model_encoder_layers_0_mlp_fc1", "text_encoder: encoder_layers_0_mlp_fc1"],
    ["lora_te2_text_model_encoder_layers_0_self_attn_q_proj", "text_encoder_2: encoder_layers_0_self_attn_q_proj"],
    [
      "text_encoder_2.text_model.encoder.layers.0.self_attn.q_proj",
      "text_encoder_2: encoder_layers_0_self_attn_q_proj",
    ],
    ["base_model.model.text_model.encoder.layers.0.mlp.fc1", "text_encoder: encoder_layers_0_mlp_fc1"],
    ["lora_te2_text_projection", "text_encoder_2: text_projection"],
  ])("%s", (path, key) => expect(keyOf(path)).toBe(key));
});

describe("the original implementation's names in diffusers' words", () => {
  // Stable Diffusion XL: three levels of two residual blocks, the first without attention
  test.each([
    ["input_blocks_0_0", "conv_in"],
    ["input_blocks_1_0_in_layers_2", "down_blocks_0_resnets_0_conv1"],
    ["input_blocks_3_0_op", "down_blocks_0_downsamplers_0_conv"],
    ["input_blocks_4_0_skip_connection", "down_blocks_1_resnets_0_conv_shortcut"],
    ["input_blocks_4_1_transformer_blocks_1_attn2_to_k", "down_blocks_1_attentions_0_transformer_blocks_1_attn2_to_k"],
    ["input_blocks_8_1_proj_out", "down_blocks_2_attentions_1_proj_out"],
    ["middle_block_0_emb_layers_1", "mid_block_resnets_0_time_emb_proj"],
    ["middle_block_1_transformer_blocks_9_ff_net_0_proj", "mid_block_attentions_0_transformer_blocks_9_ff_net_0_proj"],
    ["middle_block_2_out_layers_3", "mid_block_resnets_1_conv2"],
    ["output_blocks_2_2_conv", "up_blocks_0_upsamplers_0_conv"],
    [
      "output_blocks_5_1_transformer_blocks_0_attn1_to_out_0",
      "up_blocks_1_attentions_2_transformer_blocks_0_attn1_to_out_0",
    ],
    ["output_blocks_8_0_in_layers_2", "up_blocks_2_resnets_2_conv1"],
    ["out_2", "conv_out"],
    ["time_embed_0", "time_embedding_linear_1"],
    ["time_embed_2", "time_embedding_linear_2"],
    ["label_emb_0_0", "add_embedding_linear_1"],
    ["label_emb_0_2", "add_embedding_linear_2"],
  ])("%s", (original, own) => expect(fromOriginal(`unet: ${original}`, 2)).toBe(`unet: ${own}`));

  test("an upsampler behind a block without attention, as in Stable Diffusion 1.x", () => {
    expect(fromOriginal("unet: output_blocks_2_1_conv", 2)).toBe("unet: up_blocks_0_upsamplers_0_conv");
  });

  test("one residual block a level", () => {
    expect(fromOriginal("unet: input_blocks_3_0_in_layers_2", 1)).toBe("unet: down_blocks_1_resnets_0_conv1");
  });

  test("all others stay", () => {
    expect(fromOriginal(`unet: ${ATTENTION}`, 2)).toBe(`unet: ${ATTENTION}`);
    expect(fromOriginal("text_encoder: encoder_layers_0_mlp_fc1", 2)).toBe("text_encoder: encoder_layers_0_mlp_fc1");
  });
});
