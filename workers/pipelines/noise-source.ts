import { normalTensor, torchGenerator } from "../diffusion/random.ts";
import { EngineError } from "../errors.ts";
import type { Settings, Variation } from "../protocol.ts";
import { slerp } from "../tensor/slerp.ts";
import { sameShape, sizeOf, type Tensor } from "../tensor/tensor.ts";

/** The random numbers of one stage, in the order in which diffusers draws them. */
export interface NoiseSource {
  /** a standard normal draw of the tensor's shape from the seed, turned towards the variation's where one is asked for */
  initial(): Tensor;
  /** standard normal numbers from the seed, for the VAE encoder */
  normal(count: number): Float32Array;
  /** what the sampler draws: from the noise seed's generator, advanced to the same position as the seed's */
  step(): Tensor;
}

/**
 * @param given takes the place of the first draw
 * @throws EngineError InvalidSetting where it has another shape
 */
export function createNoise(
  { seed, noiseSeed, variation }: Pick<Settings, "seed" | "noiseSeed" | "variation">,
  dims: readonly number[],
  given?: Tensor,
): NoiseSource {
  if (given && !sameShape(given.dims, dims)) {
    throw new EngineError(
      "InvalidSetting",
      `The noise is ${given.dims.join(" x ")} and the run's latents are ${dims.join(" x ")}; give noise of their shape.`,
    );
  }
  const generator = torchGenerator(seed);
  const sampling = noiseSeed === undefined ? undefined : torchGenerator(noiseSeed);
  return {
    initial() {
      sampling?.normal(sizeOf(dims));
      const own = normalTensor(generator, dims);
      if (given) return given;
      return variation ? varied(own, variation) : own;
    },
    normal(count) {
      sampling?.normal(count);
      return generator.normal(count);
    },
    step: () => normalTensor(sampling ?? generator, dims),
  };
}

function varied(own: Tensor, { seed, strength, of }: Variation): Tensor {
  return slerp(strength, of ? varied(own, of) : own, normalTensor(torchGenerator(seed), own.dims));
}
