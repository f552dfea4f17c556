/** The backbone as a denoiser: what it predicts, guided, and from it the estimate of x0. */
import { fromPrediction } from "../diffusion/denoiser.ts";
import { guide, rescaleGuided } from "../diffusion/guidance.ts";
import type { Denoise, Latents, PredictionType } from "../diffusion/types.ts";
import type { Backbone, Conditioning } from "../models/backbone.ts";
import type { FloatTensor } from "../models/network.ts";

export interface Branches {
  readonly conditional: Conditioning;
  /** absent where nothing is guided */
  readonly unconditional?: Conditioning;
}

export interface Guidance {
  readonly scale: number;
  readonly rescale: number;
  /** whether a step is guided; the others run the conditional branch alone */
  readonly isGuided: (stepIndex: number) => boolean;
}

/**
 * @param stepIndex the step that is being made
 * @param extra channels that the network sees behind the latents: a mask and a masked picture
 */
export function guidedDenoiser(
  backbone: Backbone,
  { conditional, unconditional }: Branches,
  { scale, rescale, isGuided }: Guidance,
  type: PredictionType,
  stepIndex: () => number,
  extra?: Latents,
): Denoise {
  const both = unconditional && joinRows(unconditional, conditional);
  return async (x, level) => {
    const input = extra ? joinChannelsOf(x, extra) : x;
    if (!both || !isGuided(stepIndex())) {
      const { data } = await backbone.predict(input, level.timestep, conditional);
      return fromPrediction(type, { data, dims: x.dims }, x, level);
    }
    const { data } = await backbone.predict(stackRows(input, input), level.timestep, both);
    const size = x.data.length;
    const negative: Latents = { data: data.subarray(0, size), dims: x.dims };
    const positive: Latents = { data: data.subarray(size), dims: x.dims };
    const guided = guide(negative, positive, scale);
    return fromPrediction(type, rescale > 0 ? rescaleGuided(guided, positive, rescale) : guided, x, level);
  };
}

function joinRows(first: Conditioning, second: Conditioning): Conditioning {
  return Object.fromEntries(Object.keys(first).map((name) => [name, stackRows(first[name], second[name])]));
}

/** One above the other on the batch axis. */
function stackRows(first: FloatTensor, second: FloatTensor): FloatTensor {
  const data = new Float32Array(first.data.length + second.data.length);
  data.set(first.data);
  data.set(second.data, first.data.length);
  return { data, dims: [first.dims[0] + second.dims[0], ...first.dims.slice(1)] };
}

/** [1, a, h, w] and [1, b, h, w] -> [1, a + b, h, w] */
function joinChannelsOf(first: Latents, second: Latents): FloatTensor {
  const [, channels, height, width] = first.dims;
  return { data: stackRows(first, second).data, dims: [1, channels + second.dims[1], height, width] };
}
