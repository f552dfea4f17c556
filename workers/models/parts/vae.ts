/** The autoencoder's two halves, between pictures and latents as the backbone sees them. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { Picture } from "../../protocol.ts";
import { mapChannels } from "../../tensor/arithmetic.ts";
import { drawGaussian } from "../../tensor/gaussian.ts";
import { toPicture } from "../../tensor/pixels.ts";
import { allFinite } from "../../tensor/statistics.ts";
import type { Tensor } from "../../tensor/tensor.ts";
import { runTiled, type Tiling } from "../../tensor/tiles.ts";
import { optional, type WithoutNulls } from "../formats/json.ts";
import { type Network, pick } from "../runtime/network.ts";
import { anyBatch } from "./fixed-batch.ts";

/** The fields that are read of vae_decoder/config.json, vae_encoder/config.json and vae/config.json. */
export const vaeSchema = v.object({
  _class_name: optional(v.string()),
  block_out_channels: optional(v.array(v.number())),
  latent_channels: optional(v.number()),
  /** side of the pictures that it was trained on, in pixels */
  sample_size: optional(v.union([v.number(), v.array(v.number())])),
  scaling_factor: optional(v.number()),
  shift_factor: optional(v.number()),
  /** a channel each; where there are both, they come on top of the scaling factor */
  latents_mean: optional(v.array(v.number())),
  latents_std: optional(v.array(v.number())),
});
export type VaeConfig = WithoutNulls<v.InferOutput<typeof vaeSchema>>;

export interface VaeDecoder {
  readonly config: VaeConfig;
  /** pixels per latent pixel along each side */
  readonly scaleFactor: number;
  readonly latentChannels: number;
  /** @param latents as the backbone sees them, [1, channels, height, width]. @throws EngineError NotFinite */
  decode(latents: Tensor): Promise<Picture>;
}

export interface VaeEncoder {
  /**
   * @param picture RGB in -1..1, [1, 3, height, width]
   * @param normal draws so many standard normal numbers: the encoder gives a distribution, of which one draw is taken
   * @returns latents as the backbone sees them
   */
  encode(picture: Tensor, normal: (count: number) => Float32Array): Promise<Tensor>;
}

/** `stored = (latent - shift) * scale` with a scale and a shift a channel. */
interface Scaling {
  scale(channel: number): number;
  shift(channel: number): number;
}

/** @param path of its graph, for messages */
export function createVaeDecoder(given: Network, config: VaeConfig, path = "vae_decoder/model.onnx"): VaeDecoder {
  const { block_out_channels: channels, latent_channels: latentChannels } = config;
  if (!channels || !latentChannels) throw lacks("vae_decoder", "block_out_channels or latent_channels");
  const { scale, shift } = scalingOf("vae_decoder", config);
  const [input] = given.inputs;
  const network = anyBatch(given, input.name);
  const [output] = network.outputs.length === 1 ? network.outputs : [pick(network, path, "sample", "image")];
  const scaleFactor = 2 ** (channels.length - 1);
  const run = async (latents: Tensor) => (await network.run({ [input.name]: latents }, [output]))[output];
  return {
    config,
    scaleFactor,
    latentChannels,
    async decode(scaled) {
      const latents = mapChannels(scaled, (value, channel) => value / scale(channel) + shift(channel));
      const tiling = tilingFor(config, latents, { inputScale: 1, outputScale: scaleFactor });
      const pixels = tiling ? await runTiled(latents, tiling, run) : await run(latents);
      if (allFinite(pixels)) return toPicture(pixels);
      throw new EngineError(
        "NotFinite",
        "The decoded picture contains NaN or infinite values; try another seed or fewer steps, or ?device=cpu.",
      );
    },
  };
}

/** Up to so many times the area of the pictures that the VAE was trained on, one run does it whatever it takes. */
const WHOLE = 1.5 ** 2;
/** One run does it, too, while the layers at full size take no more bytes than these. */
const ROOMY = 2 ** 27;
/** So many of them are held at once: a convolution's input and output, and the shortcut around it */
const LAYERS = 3;
/** The share of a tile that neighbours have in common, as in diffusers. */
const OVERLAP = 1 / 4;

/** For pictures so large that one run might not find the memory: tiles of the size that the VAE was trained on, or larger where that is roomy. */
function tilingFor(
  { sample_size: size, block_out_channels: channels = [] }: VaeConfig,
  { dims: [, , rows, columns] }: Tensor,
  scales: Pick<Tiling, "inputScale" | "outputScale">,
): Tiling | undefined {
  if (!size) return undefined;
  const factor = 2 ** (channels.length - 1);
  const trained = Math.floor((typeof size === "number" ? size : Math.min(...size)) / factor);
  const bytes = factor ** 2 * (channels[1] ?? channels[0]) * Float32Array.BYTES_PER_ELEMENT * LAYERS;
  const roomy = ROOMY / bytes;
  const cells = (rows * columns) / scales.inputScale ** 2;
  if (cells <= Math.max(WHOLE * trained ** 2, roomy)) return undefined;
  const tile = Math.max(trained, Math.floor(Math.sqrt(roomy)));
  return { tile, overlap: Math.ceil(tile * OVERLAP), ...scales };
}

/** @param path of its graph, for messages */
export function createVaeEncoder(given: Network, config: VaeConfig, path = "vae_encoder/model.onnx"): VaeEncoder {
  const { scale, shift } = scalingOf("vae_encoder", config);
  // Older exports draw inside the graph.
  const [input] = given.inputs;
  const network = anyBatch(given, input.name);
  const output = pick(network, path, "latent_parameters", "latent_sample");
  const scaleFactor = 2 ** ((config.block_out_channels?.length ?? 1) - 1);
  const run = async (sample: Tensor) => (await network.run({ [input.name]: sample }, [output]))[output];
  return {
    async encode(picture, normal) {
      const tiling = tilingFor(config, picture, { inputScale: scaleFactor, outputScale: 1 });
      const encoded = tiling ? await runTiled(picture, tiling, run) : await run(picture);
      const draws = output === "latent_parameters";
      const latents = draws ? drawGaussian(encoded, normal(encoded.data.length / 2)) : encoded;
      return mapChannels(latents, (value, channel) => (value - shift(channel)) * scale(channel));
    },
  };
}

function scalingOf(part: string, config: VaeConfig): Scaling {
  const { scaling_factor: factor, shift_factor, latents_mean: mean, latents_std: deviation } = config;
  if (!factor) throw lacks(part, "scaling_factor");
  if (mean && deviation) return { scale: (channel) => factor / deviation[channel], shift: (channel) => mean[channel] };
  return { scale: () => factor, shift: () => shift_factor ?? 0 };
}

function lacks(part: string, field: string): EngineError {
  return new EngineError(
    "ModelUnsupported",
    `${part}/config.json lacks ${field}; take it from the model that was exported, add it and load again.`,
  );
}
