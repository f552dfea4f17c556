/**
 * Guidance as an input of the network (Luo et al., "Latent Consistency Models", 2023, section 4.3; Meng et al. 2023): the scale, less
 * one, as sines and cosines of geometric frequencies. One branch then does the work of two.
 */

import type { Model } from "../models/load-model.ts";
import type { Backbone } from "../models/parts/backbone.ts";
import type { Tensor } from "../tensor/tensor.ts";

const { fround } = Math;

/** the graph's name for it */
export const GUIDANCE_EMBEDDING = "timestep_cond";

/** What makes small scales far apart, and the longest period: as in diffusers' get_guidance_scale_embedding. */
const STRETCH = 1000;
const LONGEST_PERIOD = 10_000;

/**
 * Whether a model runs as diffusers' LatentConsistencyModelPipeline, which changes no scheduler and, from a picture, runs all the steps in the
 * part of the schedule that the strength leaves. Other pipelines give the embedding and stay themselves.
 */
export function runsAsConsistencyModel({ backbone, index }: Pick<Model, "backbone" | "index">): boolean {
  const { _class_name: name = "LatentConsistencyModelPipeline" } = index;
  return hasGuidanceEmbedding(backbone) && name.includes("LatentConsistencyModel");
}

export function hasGuidanceEmbedding({ conditions }: Backbone): boolean {
  return conditions.includes(GUIDANCE_EMBEDDING);
}

/**
 * In float32 as in diffusers: an angle of thousands of radians keeps few digits of the sine, and which they are shows in the picture.
 * @param length of the embedding. @returns [1, length]: sines, then cosines, then a zero where the length is odd
 */
export function guidanceEmbedding(scale: number, length: number): Tensor {
  const half = Math.floor(length / 2);
  const data = new Float32Array(length);
  const stretched = fround(fround(scale - 1) * STRETCH);
  const decay = fround(fround(Math.log(LONGEST_PERIOD)) / (half - 1));
  for (let i = 0; i < half; i++) {
    const angle = fround(stretched * fround(Math.exp(fround(i * -decay))));
    data[i] = Math.sin(angle);
    data[half + i] = Math.cos(angle);
  }
  return { data, dims: [1, length] };
}
