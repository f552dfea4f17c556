/**
 * The one name that a layer has here, whatever a LoRA's trainer or a model's exporter called it: `part: path`, the path as diffusers'
 * modules have it, joined by underscores. A path that names no part is the backbone's, whose part is called unet until it meets a model.
 */
import { type PartName, parts } from "../parts/table.ts";

/** The prefixes of kohya's and diffusers' scripts, and of trainers that work on the original checkpoints. */
const PARTS = new Map<string, PartName>(
  parts.flatMap(({ name, loraPrefixes = [] }) => loraPrefixes.map((prefix) => [prefix, name] as const)),
);
/** The longest first. What begins with `transformer_blocks` is a layer of it, and names no part. */
const PART = new RegExp(`^(${[...PARTS.keys()].sort((a, b) => b.length - a.length).join("|")})[._](?!blocks[._])(.+)$`);
/** Of PEFT, of kohya's scripts, of original checkpoints and of LyCORIS. */
const PREFIX = /^(?:base_model\.model\.|lora_|lycoris_|model\.diffusion_model[._]|diffusion_model[._])/;

/** @param path of the layer, as a LoRA's file writes it in front of `.lora_down.weight` and the like */
export function keyOf(path: string): string {
  let rest = path;
  for (let prefix = PREFIX.exec(rest); prefix; prefix = PREFIX.exec(rest)) rest = rest.slice(prefix[0].length);
  const named = PART.exec(rest);
  if (named) return `${PARTS.get(named[1])}: ${normal(named[2])}`;
  return `${/^(text_model|encoder[._]layers)[._]/.test(rest) ? "text_encoder" : "unet"}: ${normal(rest)}`;
}

/** Exporters put the module's own name in front, and diffusers' earlier LoRAs name the attention's processor. */
export function normal(path: string): string {
  return path
    .replace(/[./]/g, "_")
    .replace(/^_+/, "")
    .replace(/^(?:unet_|text_(?=text_model_|encoder_)|transformer_(?=transformer_blocks_))/, "")
    .replace(/^text_model_/, "")
    .replace("_processor_", "_")
    .replace(/_to_out$/, "_to_out_0");
}

/** The original implementation's names (generative-models, sgm), which kohya's scripts keep for Stable Diffusion XL. */
const ORIGINAL = /^unet: (input_blocks|middle_block|output_blocks|time_embed|label_emb|out)_\d/;
export const isOriginal = (key: string) => ORIGINAL.test(key);

const OUTSIDE: Readonly<Record<string, string>> = {
  input_blocks_0_0: "conv_in",
  out_0: "conv_norm_out",
  out_2: "conv_out",
  time_embed_0: "time_embedding_linear_1",
  time_embed_2: "time_embedding_linear_2",
  label_emb_0_0: "add_embedding_linear_1",
  label_emb_0_2: "add_embedding_linear_2",
};

/** Inside a residual block. */
const RESIDUAL: Readonly<Record<string, string>> = {
  in_layers_0: "norm1",
  in_layers_2: "conv1",
  emb_layers_1: "time_emb_proj",
  out_layers_0: "norm2",
  out_layers_3: "conv2",
  skip_connection: "conv_shortcut",
};

/**
 * diffusers' name of a layer that bears the original one.
 * @param layersPerBlock residual blocks of each level (layers_per_block of unet/config.json): what its numbers are counted by
 */
export function fromOriginal(key: string, layersPerBlock: number): string {
  if (!isOriginal(key)) return key;
  const path = key.slice("unet: ".length);
  const outside = OUTSIDE[path];
  if (outside) return `unet: ${outside}`;
  const middle = /^middle_block_([012])_(.+)$/.exec(path);
  if (middle) {
    const [, place, inside] = middle;
    return `unet: mid_block_${place === "1" ? `attentions_0_${inside}` : `resnets_${Number(place) / 2}_${residual(inside)}`}`;
  }
  const block = /^(input|output)_blocks_(\d+)_(\d+)_(.+)$/.exec(path);
  if (!block) return key;
  const [, side, number, place, inside] = block;
  const isInput = side === "input";
  // The first input block is the convolution in front; behind the residual blocks of a level comes its downsampler.
  const index = Number(number) - (isInput ? 1 : 0);
  const level = `unet: ${isInput ? "down" : "up"}_blocks_${Math.floor(index / (layersPerBlock + 1))}`;
  if (inside === "op") return `${level}_downsamplers_0_conv`;
  // An upsampler stands behind the attention, or where the level has none behind the residual block.
  if (inside === "conv") return `${level}_upsamplers_0_conv`;
  const layer = index % (layersPerBlock + 1);
  return place === "0" ? `${level}_resnets_${layer}_${residual(inside)}` : `${level}_attentions_${layer}_${inside}`;
}

const residual = (inside: string) => RESIDUAL[inside] ?? inside;
