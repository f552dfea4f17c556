/** The autoencoder's two halves, between pictures and latents as the backbone sees them. */
import { EngineError } from "../errors.ts";
import type { Picture } from "../protocol.ts";
import { type FloatTensor, type Network, pick } from "./network.ts";

export interface VaeConfig {
  readonly block_out_channels?: readonly number[];
  readonly latent_channels?: number;
  readonly scaling_factor?: number;
  readonly shift_factor?: number | null;
  /** a channel each; where there are both, they come on top of the scaling factor */
  readonly latents_mean?: readonly number[] | null;
  readonly latents_std?: readonly number[] | null;
}

export interface VaeDecoder {
  /** pixels per latent pixel along each side */
  readonly scaleFactor: number;
  readonly latentChannels: number;
  /** @param latents as the backbone sees them, [1, channels, height, width]. @throws EngineError NotFinite */
  decode(latents: FloatTensor): Promise<Picture>;
}

export interface VaeEncoder {
  /**
   * @param picture RGB in -1..1, [1, 3, height, width]
   * @param normal draws so many standard normal numbers: the encoder gives a distribution, of which one draw is taken
   * @returns latents as the backbone sees them
   */
  encode(picture: FloatTensor, normal: (count: number) => Float32Array): Promise<Float32Array>;
}

/** `stored = (latent - shift) * scale` with a scale and a shift a channel. */
interface Scaling {
  scale(channel: number): number;
  shift(channel: number): number;
}

export function createVaeDecoder(network: Network, config: VaeConfig): VaeDecoder {
  const { block_out_channels: channels, latent_channels: latentChannels } = config;
  if (!channels || !latentChannels) throw lacks("vae_decoder", "block_out_channels or latent_channels");
  const { scale, shift } = scalingOf("vae_decoder", config);
  const output = pick(network, "vae_decoder/model.onnx", "sample");
  return {
    scaleFactor: 2 ** (channels.length - 1),
    latentChannels,
    async decode({ data, dims }) {
      const unscaled = mapChannels(data, dims[1], (value, channel) => value / scale(channel) + shift(channel));
      const results = await network.run({ latent_sample: { data: unscaled, dims } }, [output]);
      return toPicture(results[output]);
    },
  };
}

/** The range that diffusers keeps the log-variance in. */
const LOG_VARIANCE = { min: -30, max: 20 };

export function createVaeEncoder(network: Network, config: VaeConfig): VaeEncoder {
  const { scale, shift } = scalingOf("vae_encoder", config);
  // Older exports draw inside the graph.
  const output = pick(network, "vae_encoder/model.onnx", "latent_parameters", "latent_sample");
  return {
    async encode(picture, normal) {
      const { data, dims } = (await network.run({ sample: picture }, [output]))[output];
      const drawn = output === "latent_parameters" ? draw(data, normal) : data;
      const channels = output === "latent_parameters" ? dims[1] / 2 : dims[1];
      return mapChannels(drawn, channels, (value, channel) => (value - shift(channel)) * scale(channel));
    },
  };
}

/** Means and log-variances, one half each -> mean + deviation * noise. */
function draw(parameters: Float32Array, normal: (count: number) => Float32Array): Float32Array {
  const half = parameters.length / 2;
  const { min, max } = LOG_VARIANCE;
  return normal(half).map((noise, i) => {
    const deviation = Math.exp(Math.min(Math.max(parameters[half + i], min), max) / 2);
    return parameters[i] + deviation * noise;
  });
}

function mapChannels(data: Float32Array, channels: number, map: (value: number, channel: number) => number) {
  const plane = data.length / channels;
  return data.map((value, i) => map(value, Math.floor(i / plane)));
}

function scalingOf(part: string, config: VaeConfig): Scaling {
  const { scaling_factor: factor, shift_factor, latents_mean: mean, latents_std: deviation } = config;
  if (!factor) throw lacks(part, "scaling_factor");
  if (mean && deviation) return { scale: (channel) => factor / deviation[channel], shift: (channel) => mean[channel] };
  return { scale: () => factor, shift: () => shift_factor ?? 0 };
}

function lacks(part: string, field: string): EngineError {
  return new EngineError("ModelUnsupported", `${part}/config.json lacks ${field}; add it and load again.`);
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
