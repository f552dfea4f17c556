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
 * @param branchesAt what is read at a step; the same object where nothing changes
 * @param stepIndex the step that is being made
 * @param extra channels that the network sees behind the latents: a mask and a masked picture
 */
export function guidedDenoiser(
  backbone: Backbone,
  branchesAt: (stepIndex: number) => Branches,
  { scale, rescale, isGuided }: Guidance,
  type: PredictionType,
  stepIndex: () => number,
  extra?: Latents,
): Denoise {
  const joined = joinLatest();
  return async (x, level) => {
    const branches = branchesAt(stepIndex());
    const { conditional } = branches;
    const both = joined(branches);
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

/** Both branches as the rows of one batch; made anew where they change. */
function joinLatest(): (branches: Branches) => Conditioning | undefined {
  let latest: { readonly branches: Branches; readonly both: Conditioning | undefined } | undefined;
  return (branches) => {
    const { conditional, unconditional } = branches;
    if (latest?.branches !== branches) {
      latest = { branches, both: unconditional && joinRows(unconditional, conditional) };
    }
    return latest.both;
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
