import { clamp, combine, mapRows } from "../tensor/arithmetic.ts";
import { absoluteQuantiles } from "../tensor/statistics.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { NoiseLevel, PredictionType, SchedulerConfig } from "./types.ts";

/** @throws Error when the config's prediction_type is none of the four */
export function predictionType(config: SchedulerConfig): PredictionType {
  const type = config.prediction_type ?? "epsilon";
  if (type === "epsilon" || type === "sample" || type === "v_prediction" || type === "flow_prediction") return type;
  throw new Error(
    `The prediction type "${type}" is not known; it must be epsilon, sample, v_prediction or flow_prediction.`,
  );
}

/**
 * What the network predicted -> the estimate of x0, with `x = alpha x0 + sigma noise`:
 * epsilon is the noise; v is `alpha noise - sigma x0` (Salimans and Ho 2022, appendix D); flow is `noise - x0`
 * (Lipman et al. 2023; alpha + sigma = 1).
 * @throws Error for epsilon where alpha is 0: pure noise says nothing about x0
 */
export function fromPrediction(type: PredictionType, prediction: Tensor, x: Tensor, level: NoiseLevel): Tensor {
  const { alpha, sigma } = level;
  switch (type) {
    case "epsilon":
      if (alpha === 0) {
        throw new Error("A model that predicts epsilon cannot begin at zero signal; choose a v_prediction model.");
      }
      return combine([1 / alpha, x], [-sigma / alpha, prediction]);
    case "sample":
      return prediction;
    case "v_prediction":
      return combine([alpha, x], [-sigma, prediction]);
    case "flow_prediction":
      return combine([1, x], [-sigma, prediction]);
  }
}

/** The inverse of `fromPrediction`: what the network would have predicted. @throws Error where sigma is 0 */
export function toPrediction(type: PredictionType, denoised: Tensor, x: Tensor, level: NoiseLevel): Tensor {
  const { alpha, sigma } = level;
  if (type === "sample") return denoised;
  if (sigma === 0) throw new Error(`A tensor without noise has no ${type}.`);
  switch (type) {
    case "epsilon":
      return combine([1 / sigma, x], [-alpha / sigma, denoised]);
    case "v_prediction":
      return combine([alpha / sigma, x], [-1 / sigma, denoised]);
    case "flow_prediction":
      return combine([1 / sigma, x], [-1 / sigma, denoised]);
  }
}

/** clip_sample and dynamic thresholding (Saharia et al. 2022, section 2.3), where the config asks for them. */
export function limitDenoised(denoised: Tensor, config: SchedulerConfig): Tensor {
  if (config.thresholding) {
    return threshold(denoised, config.dynamic_thresholding_ratio ?? 0.995, config.sample_max_value ?? 1);
  }
  return config.clip_sample ? clamp(denoised, config.clip_sample_range ?? 1) : denoised;
}

/** Each picture of the batch is limited to its own quantile s of |x0| (between 1 and `max`) and divided by s. */
function threshold(denoised: Tensor, ratio: number, max: number): Tensor {
  const limits = absoluteQuantiles(denoised, ratio).map((quantile) => Math.min(Math.max(quantile, 1), max));
  return mapRows(denoised, (value, row) => Math.min(Math.max(value, -limits[row]), limits[row]) / limits[row]);
}
