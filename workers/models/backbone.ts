/** The network that is run at every step: a U-Net, or a transformer. */
import { EngineError } from "../errors.ts";
import { type FloatTensor, type Network, type NetworkInput, pick } from "./network.ts";

/** What goes in besides the noisy latents and the timestep, by the graph's names; one row a latent. */
export type Conditioning = Readonly<Record<string, FloatTensor>>;

export interface Backbone {
  readonly config: BackboneConfig;
  /** channels of the input: the latents', and those of a mask and a masked picture where it inpaints */
  readonly inputChannels: number;
  /** height and width of the latents are multiples of this */
  readonly sizeMultiple: number;
  /** names of the inputs besides the noisy latents and the timestep */
  readonly conditions: readonly string[];
  /**
   * What the network predicts (epsilon, v, x0 or flow: the scheduler config says which).
   * @param sample noisy latents, [n, channels, height, width]
   */
  predict(sample: FloatTensor, timestep: number, conditioning: Conditioning): Promise<FloatTensor>;
}

/** The fields that are read of unet/config.json and transformer/config.json. */
export interface BackboneConfig {
  readonly in_channels?: number;
  readonly sample_size?: number | readonly [number, number] | null;
  /** U-Nets */
  readonly block_out_channels?: readonly number[];
  /** length of the guidance embedding, where there is one */
  readonly time_cond_proj_dim?: number | null;
  /** transformers */
  readonly patch_size?: number;
  /** width of the text states that a transformer takes */
  readonly joint_attention_dim?: number;
}

const TIMESTEP = "timestep";

/** @param part the folder: unet or transformer */
export function createBackbone(network: Network, config: BackboneConfig, part: string): Backbone {
  const { in_channels: inputChannels, block_out_channels: levels, patch_size } = config;
  const sizeMultiple = levels ? 2 ** (levels.length - 1) : patch_size;
  if (!inputChannels || !sizeMultiple) {
    const missing = inputChannels ? "block_out_channels or patch_size" : "in_channels";
    throw new EngineError("ModelUnsupported", `${part}/config.json lacks ${missing}; add it and load again.`);
  }
  const input = (...names: string[]): NetworkInput => {
    const found = network.inputs.find(({ name }) => names.includes(name));
    if (found) return found;
    throw new EngineError("ModelUnsupported", `${part}/model.onnx has no input "${names[0]}"; export it again.`);
  };
  const sampleInput = input("sample", "hidden_states");
  const timestepInput = input(TIMESTEP);
  const output = pick(network, `${part}/model.onnx`, "out_sample", "out_hidden_states");
  return {
    config,
    inputChannels,
    sizeMultiple,
    conditions: network.inputs.map(({ name }) => name).filter((name) => name !== sampleInput.name && name !== TIMESTEP),
    async predict(sample, timestep, conditioning) {
      const dims = timestepDims(timestepInput, sampleInput, sample.dims[0]);
      const outputs = await network.run(
        {
          ...conditioning,
          [sampleInput.name]: sample,
          [TIMESTEP]: { data: new Float32Array(dims[0] ?? 1).fill(timestep), dims },
        },
        [output],
      );
      return outputs[output];
    },
  };
}

/** Exports differ: a scalar, one number, a fixed number of them, or one a row of the batch. */
function timestepDims({ shape }: NetworkInput, sample: NetworkInput, rows: number): number[] {
  if (shape.length === 0) return [];
  if (typeof shape[0] === "number") return [shape[0]];
  return [sample.shape[0] === shape[0] ? rows : 1];
}
