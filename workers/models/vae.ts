import { EngineError } from "../errors.ts";
import type { Picture } from "../protocol.ts";
import type { FloatTensor, Network } from "./network.ts";

export interface VaeConfig {
  readonly block_out_channels?: readonly number[];
  readonly scaling_factor?: number;
  readonly shift_factor?: number | null;
}

export interface VaeDecoder {
  /** pixels per latent pixel along each side */
  readonly scaleFactor: number;
  /** @param latents as the U-Net sees them, [1, channels, height, width]. @throws EngineError NotFinite */
  decode(latents: FloatTensor): Promise<Picture>;
}

export function createVaeDecoder(network: Network, config: VaeConfig): VaeDecoder {
  const { block_out_channels: channels, scaling_factor: scale, shift_factor } = config;
  if (!channels || !scale) {
    throw new EngineError(
      "ModelUnsupported",
      "vae_decoder/config.json lacks block_out_channels or scaling_factor; add them and load again.",
    );
  }
  const shift = shift_factor ?? 0;
  return {
    scaleFactor: 2 ** (channels.length - 1),
    async decode(latents) {
      const { sample } = await network.run({
        latent_sample: { data: latents.data.map((value) => value / scale + shift), dims: latents.dims },
      });
      if (!sample)
        throw new EngineError("ModelUnsupported", 'vae_decoder/model.onnx has no output "sample"; export it again.');
      return toPicture(sample);
    },
  };
}

/** RGB in -1..1, [1, 3, height, width] -> 8 bits, as diffusers' VaeImageProcessor rounds. */
function toPicture({ data, dims }: FloatTensor): Picture {
  const [, , height, width] = dims;
  const plane = height * width;
  const rgba = new Uint8ClampedArray(plane * 4);
  for (let i = 0; i < plane; i++) {
    for (let channel = 0; channel < 3; channel++) {
      const value = data[channel * plane + i];
      if (!Number.isFinite(value)) {
        throw new EngineError(
          "NotFinite",
          "The decoded picture holds values that are no numbers; try another seed or fewer steps, or ?device=cpu.",
        );
      }
      rgba[i * 4 + channel] = Math.round((value / 2 + 0.5) * 255);
    }
    rgba[i * 4 + 3] = 255;
  }
  return { width, height, rgba };
}
