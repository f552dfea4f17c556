import { EngineError } from "../errors.ts";
import type { FloatTensor, Network } from "./network.ts";

export interface Unet {
  readonly latentChannels: number;
  /** height and width of the latents are multiples of this: each level but the last halves them */
  readonly sizeMultiple: number;
  /**
   * What the network predicts (epsilon, v or x0: the scheduler config says which).
   * @param sample noisy latents, [n, channels, height, width]
   * @param states text encoder states, [n, tokens, width]
   */
  predict(sample: FloatTensor, timestep: number, states: FloatTensor): Promise<FloatTensor>;
}

export interface UnetConfig {
  readonly in_channels?: number;
  readonly block_out_channels?: readonly number[];
}

export function createUnet(network: Network, config: UnetConfig): Unet {
  const { in_channels: latentChannels, block_out_channels: levels } = config;
  if (!latentChannels || !levels) {
    throw new EngineError(
      "ModelUnsupported",
      "unet/config.json lacks in_channels or block_out_channels; add them and load again.",
    );
  }
  const timestepInput = network.inputs.find((input) => input.name === "timestep");
  if (!timestepInput)
    throw new EngineError("ModelUnsupported", 'unet/model.onnx has no input "timestep"; export it again.');
  return {
    latentChannels,
    sizeMultiple: 2 ** (levels.length - 1),
    async predict(sample, timestep, states) {
      // Exports differ: a scalar, one number, or one number a row of the batch.
      const { shape } = timestepInput;
      const count = shape.length === 0 ? 1 : typeof shape[0] === "number" ? shape[0] : 1;
      const numbers = new Array<number>(count).fill(timestep);
      const outputs = await network.run({
        sample,
        timestep: { integers: numbers, dims: shape.length === 0 ? [] : [count] },
        encoder_hidden_states: states,
      });
      const out = outputs.out_sample;
      if (!out)
        throw new EngineError("ModelUnsupported", 'unet/model.onnx has no output "out_sample"; export it again.');
      return out;
    },
  };
}
