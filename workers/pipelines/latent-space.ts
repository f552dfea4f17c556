import { EngineError } from "../errors.ts";
import type { Model } from "../models/load-model.ts";
import type { VaeDecoder } from "../models/parts/vae.ts";
import type { LoadProgress, Output, Preview } from "../protocol.ts";
import { toPicture } from "../tensor/pixels.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { Size } from "./families/types.ts";

/** Where a stage's tensor lies, and how it becomes something that can be seen. */
export interface LatentSpace {
  /** kebab-case */
  readonly id: string;
  readonly preview: Preview;
  /** the tensor's shape for an output of a size in pixels */
  dims(size: Size): readonly number[];
  /** @throws EngineError NotFinite */
  decode(tensor: Tensor): Promise<Output>;
  /**
   * @param pixels RGB in -1..1, [1, 3, height, width]
   * @param normal draws standard normal numbers: the encoder gives a distribution, of which one draw is taken
   */
  encode(
    pixels: Tensor,
    normal: (count: number) => Float32Array,
    onProgress?: (progress: LoadProgress) => void,
  ): Promise<Tensor>;
}

/** The latents of an autoencoder (Rombach et al. 2022, section 3.1): [1, channels, height / factor, width / factor]. */
export function vaeSpace(model: Model, preview: Preview): LatentSpace {
  const vae = vaeOf(model);
  const { scaleFactor, latentChannels } = vae;
  return {
    id: "latents",
    preview,
    dims: ({ width, height }) => [1, latentChannels, height / scaleFactor, width / scaleFactor],
    decode: async (latents) => ({ kind: "picture", picture: await vae.decode(latents) }),
    encode: async (pixels, normal, onProgress) => (await model.part("vae_encoder", onProgress)).encode(pixels, normal),
  };
}

/** Pictures as tensors: RGB in -1..1, [1, 3, height, width]. */
export const pixelSpace: Pick<LatentSpace, "decode" | "encode"> = {
  async decode(pixels) {
    const { dims } = pixels;
    if (dims.length === 4 && dims[0] === 1 && dims[1] === 3) return { kind: "picture", picture: toPicture(pixels) };
    throw new EngineError(
      "InvalidSetting",
      `A tensor of ${dims.join(" x ")} holds no pixels; give 1 x 3 x height x width.`,
    );
  },
  encode: async (pixels) => pixels,
};

/** In place of a draw: what the encoder's distribution has as its mean. */
export const mean = (count: number) => new Float32Array(count);

/** @throws EngineError ModelUnsupported for models that work elsewhere than in an autoencoder's latents */
export function vaeOf({ vae }: Pick<Model, "vae">): VaeDecoder {
  if (vae) return vae;
  throw new EngineError(
    "ModelUnsupported",
    "The model has no VAE's decoder, and Darkroom has no pipeline for it; choose a latent diffusion model.",
  );
}
