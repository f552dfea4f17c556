/** The backbone as a denoiser: what it predicts, guided, and from it the estimate of x0. */
import { fromPrediction } from "../diffusion/denoiser.ts";
import { guide, rescaleGuided } from "../diffusion/guidance.ts";
import type { Denoise, NoiseLevel, PredictionType } from "../diffusion/types.ts";
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

/** What the network predicts for each half. */
export interface PredictedHalves {
  readonly conditional: Tensor;
  /** absent where the conditional half is run alone */
  readonly unconditional?: Tensor;
}

/** @param guided whether both halves are wanted, where there are two */
export type PredictHalves = (x: Tensor, level: NoiseLevel, halves: Halves, guided: boolean) => Promise<PredictedHalves>;

/** Both halves in one run of the network. @param extra channels that the network sees behind the latents: a mask and a masked picture */
export function halvesPredictor(backbone: Pick<Backbone, "predict">, extra?: Tensor): PredictHalves {
  const batched = batchLatest();
  return async (x, { timestep }, halves, guided) => {
    const both = batched(halves);
    const input = extra ? join(1, x, extra) : x;
    if (!both || !guided) {
      return { conditional: ofShape(x, await backbone.predict(input, timestep, halves.conditional)) };
    }
    const predicted = await backbone.predict(join(0, input, input), timestep, both);
    const rows = x.dims[0];
    return {
      unconditional: ofShape(x, slice(predicted, 0, 0, rows)),
      conditional: ofShape(x, slice(predicted, 0, rows, 2 * rows)),
    };
  };
}

/** The guided prediction. */
export function combineHalves(
  { conditional, unconditional }: PredictedHalves,
  { scale, rescale }: Pick<Guidance, "scale" | "rescale">,
): Tensor {
  if (!unconditional) return conditional;
  const guided = guide(unconditional, conditional, scale);
  return rescale > 0 ? rescaleGuided(guided, conditional, rescale) : guided;
}

/** @param halvesAt what conditions a step; the same object where nothing changes */
export function guidedDenoiser(
  predict: PredictHalves,
  halvesAt: (index: number) => Halves,
  guidance: Guidance,
  type: PredictionType,
): Denoise {
  return async (x, level, index) => {
    const predicted = await predict(x, level, halvesAt(index), guidance.isGuided(index));
    return fromPrediction(type, combineHalves(predicted, guidance), x, level);
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
