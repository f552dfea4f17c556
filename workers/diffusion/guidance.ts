import { combine } from "./latents.ts";
import type { Latents } from "./types.ts";

/** Classifier-free guidance (Ho and Salimans 2022): `u + scale * (c - u)`, on whatever the network predicts. */
export function guide(unconditional: Latents, conditional: Latents, scale: number): Latents {
  return combine([1 - scale, unconditional], [scale, conditional]);
}

/**
 * Brings the standard deviation of a guided prediction back towards the conditional one's (Lin et al. 2023,
 * section 3.4), per picture of the batch. `rescale` 0 changes nothing, 1 goes all the way.
 */
export function rescaleGuided(guided: Latents, conditional: Latents, rescale: number): Latents {
  const size = guided.data.length / guided.dims[0];
  const out = new Float32Array(guided.data.length);
  for (let start = 0; start < out.length; start += size) {
    const picture = guided.data.subarray(start, start + size);
    const ratio = deviation(conditional.data.subarray(start, start + size)) / deviation(picture);
    const factor = rescale * ratio + 1 - rescale;
    for (let i = 0; i < size; i++) out[start + i] = picture[i] * factor;
  }
  return { data: out, dims: guided.dims };
}

/** Standard deviation with Bessel's correction, as torch.std. */
function deviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
