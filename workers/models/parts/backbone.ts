/** The network that is run at every step: a U-Net, or a transformer. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { optional, type WithoutNulls } from "../formats/json.ts";
import { type Network, type NetworkInput, pick } from "../runtime/network.ts";
import { anyBatch } from "./fixed-batch.ts";
import { type NamesOf, SAMPLE, TIMESTEP } from "./table.ts";

/** What goes in besides the noisy latents and the timestep, by the graph's names; one row a latent. */
export type Conditioning = Readonly<Record<string, Tensor>>;

export interface Backbone {
  readonly part: NamesOf<"backbone">;
  readonly config: BackboneConfig;
  /** channels of the input, or the width of a vector: the latents', and those of a mask and a masked picture where it inpaints */
  readonly inputChannels: number;
  /** height and width of the latents are multiples of this */
  readonly sizeMultiple: number;
  /** height and width of the latents, where they have such and the graph was exported for one size */
  readonly fixedSize: readonly [number, number] | undefined;
  /** names of the inputs besides the noisy latents and the timestep */
  readonly conditions: readonly string[];
  /**
   * What the network predicts (epsilon, v, x0 or flow: the scheduler config says which).
   * @param sample noisy latents, [n, channels, height, width]; a clip's, [n, channels, frames, height, width]; or vectors, [n, width]
   */
  predict(sample: Tensor, timestep: number, conditioning: Conditioning): Promise<Tensor>;
}

/** The fields that are read of unet/config.json and transformer/config.json. */
export const backboneSchema = v.object({
  /** the repository that it was saved from */
  _name_or_path: optional(v.string()),
  in_channels: optional(v.number()),
  out_channels: optional(v.number()),
  sample_size: optional(v.union([v.number(), v.tuple([v.number(), v.number()])])),
  /** U-Nets */
  block_out_channels: optional(v.array(v.number())),
  /** SDXL's: width of each number that says the picture's size, and of all of them and the pooled text together */
  addition_time_embed_dim: optional(v.number()),
  projection_class_embeddings_input_dim: optional(v.number()),
  /** residual blocks of a level, or of each */
  layers_per_block: optional(v.union([v.number(), v.array(v.number())])),
  /** length of the guidance embedding, where there is one */
  time_cond_proj_dim: optional(v.number()),
  /** transformers */
  patch_size: optional(v.number()),
  /** width of the text states that a transformer takes */
  joint_attention_dim: optional(v.number()),
});
export type BackboneConfig = WithoutNulls<v.InferOutput<typeof backboneSchema>>;

/** @param path of its graph, for messages */
export function createBackbone(given: Network, config: BackboneConfig, part: Backbone["part"], path: string): Backbone {
  const { in_channels: inputChannels, block_out_channels: levels, patch_size } = config;
  const sizeMultiple = levels ? 2 ** (levels.length - 1) : patch_size;
  if (!inputChannels || !sizeMultiple) {
    const missing = inputChannels ? "block_out_channels or patch_size" : "in_channels";
    throw new EngineError("ModelUnsupported", `${part}/config.json lacks ${missing}; add it and load again.`);
  }
  const needed = (what: string, found: NetworkInput | undefined): NetworkInput => {
    if (found) return found;
    throw new EngineError("ModelUnsupported", `${path} has no input "${what}"; export it again.`);
  };
  const sampleInput = needed("sample", sampleOf(given.inputs));
  const timestepInput = needed(
    "timestep",
    given.inputs.find(({ name, shape }) => TIMESTEP.test(name) && shape.length < 2),
  );
  const network = anyBatch(given, sampleInput.name);
  const [output] =
    network.outputs.length === 1
      ? network.outputs
      : [pick(network, path, "out_sample", "out_hidden_states", "sample", "predicted_image_embedding")];
  const [height, width] = sampleInput.shape.length < 4 ? [] : sampleInput.shape.slice(-2);
  const own = new Set([sampleInput.name, timestepInput.name]);
  return {
    part,
    config,
    inputChannels,
    sizeMultiple,
    fixedSize: typeof height === "number" && typeof width === "number" ? [height, width] : undefined,
    conditions: network.inputs.map(({ name }) => name).filter((name) => !own.has(name)),
    async predict(sample, timestep, conditioning) {
      const dims = timestepDims(timestepInput, sampleInput, sample.dims[0]);
      const outputs = await network.run(
        {
          ...conditioning,
          [sampleInput.name]: sample,
          [timestepInput.name]: { data: new Float32Array(dims[0] ?? 1).fill(timestep), dims },
        },
        [output],
      );
      return outputs[output];
    },
  };
}

/** The noisy input, by its name or, where an exporter gave it another one, by its axes. */
export function sampleOf<T extends { name: string; shape: readonly unknown[] }>(inputs: readonly T[]): T | undefined {
  return inputs.find(({ name }) => SAMPLE.test(name)) ?? inputs.find(({ shape }) => shape.length >= 4);
}

/** Exports differ: a scalar, one number, a fixed number of them, or one a row of the batch. */
function timestepDims({ shape }: NetworkInput, sample: NetworkInput, rows: number): number[] {
  if (shape.length === 0) return [];
  if (typeof shape[0] === "number") return [shape[0]];
  return [sample.shape[0] === shape[0] ? rows : 1];
}
