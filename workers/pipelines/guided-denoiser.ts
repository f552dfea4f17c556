/** The backbone as a denoiser: what it predicts, guided, and from it the estimate of x0. */
import { fromPrediction } from "../diffusion/denoiser.ts";
import { guide, rescaleGuided } from "../diffusion/guidance.ts";
import type { Denoise, PredictionType } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Backbone, Conditioning } from "../models/parts/backbone.ts";
import { join, slice } from "../tensor/join.ts";
import { sameShape, type Tensor } from "../tensor/tensor.ts";

/** The two halves of classifier-free guidance. */
export interface Halves {
  readonly conditional: Conditioning;
  /** absent where nothing is guided */
  readonly unconditional?: Conditioning;
}

export interface Guidance {
  readonly scale: number;
  readonly rescale: number;
  /** whether a step is guided; the others run the conditional half alone */
  readonly isGuided: (index: number) => boolean;
}

/**
 * @param halvesAt what conditions a step; the same object where nothing changes
 * @param extra channels that the network sees behind the latents: a mask and a masked picture
 */
export function guidedDenoiser(
  backbone: Backbone,
  halvesAt: (index: number) => Halves,
  { scale, rescale, isGuided }: Guidance,
  type: PredictionType,
  extra?: Tensor,
): Denoise {
  const batched = batchLatest();
  return async (x, level, index) => {
    const halves = halvesAt(index);
    const both = batched(halves);
    const input = extra ? join(1, x, extra) : x;
    if (!both || !isGuided(index)) {
      const predicted = await backbone.predict(input, level.timestep, halves.conditional);
      return fromPrediction(type, ofShape(x, predicted), x, level);
    }
    const predicted = await backbone.predict(join(0, input, input), level.timestep, both);
    const rows = x.dims[0];
    const negative = ofShape(x, slice(predicted, 0, 0, rows));
    const positive = ofShape(x, slice(predicted, 0, rows, 2 * rows));
    const guided = guide(negative, positive, scale);
    return fromPrediction(type, rescale > 0 ? rescaleGuided(guided, positive, rescale) : guided, x, level);
  };
}

/** @throws EngineError ModelUnsupported where the network predicts another shape, a variance beside the mean for instance */
function ofShape({ dims }: Tensor, predicted: Tensor): Tensor {
  if (sameShape(predicted.dims, dims)) return predicted;
  throw new EngineError(
    "ModelUnsupported",
    `The network predicts ${predicted.dims.join(" x ")} numbers for latents of ${dims.join(" x ")}; Darkroom cannot run such a model.`,
  );
}

/** Both halves as the rows of one batch, joined again only where they change. */
function batchLatest(): (halves: Halves) => Conditioning | undefined {
  let latest: { readonly halves: Halves; readonly both: Conditioning | undefined } | undefined;
  return (halves) => {
    const { conditional, unconditional } = halves;
    if (latest?.halves !== halves) latest = { halves, both: unconditional && batch(unconditional, conditional) };
    return latest.both;
  };
}

function batch(first: Conditioning, second: Conditioning): Conditioning {
  return Object.fromEntries(Object.keys(first).map((name) => [name, join(0, first[name], second[name])]));
}
