import { combine } from "./latents.ts";
import type { Latents, NoiseLevel, PredictionType, SchedulerConfig } from "./types.ts";

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
export function fromPrediction(type: PredictionType, prediction: Latents, x: Latents, level: NoiseLevel): Latents {
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
export function toPrediction(type: PredictionType, denoised: Latents, x: Latents, level: NoiseLevel): Latents {
  const { alpha, sigma } = level;
  if (type === "sample") return denoised;
  if (sigma === 0) throw new Error(`Latents without noise have no ${type}.`);
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
export function limitDenoised(denoised: Latents, config: SchedulerConfig): Latents {
  if (config.thresholding) {
    return threshold(denoised, config.dynamic_thresholding_ratio ?? 0.995, config.sample_max_value ?? 1);
  }
  if (config.clip_sample) {
    const range = config.clip_sample_range ?? 1;
    return { dims: denoised.dims, data: denoised.data.map((value) => Math.min(Math.max(value, -range), range)) };
  }
  return denoised;
}

/** Each picture of the batch is limited to its own quantile s of |x0| (between 1 and `max`) and divided by s. */
function threshold({ data, dims }: Latents, ratio: number, max: number): Latents {
  const out = new Float32Array(data.length);
  const size = data.length / dims[0];
  for (let start = 0; start < data.length; start += size) {
    const picture = data.subarray(start, start + size);
    const sorted = picture.map(Math.abs).sort();
    const rank = Math.fround(ratio * (size - 1));
    const low = Math.floor(rank);
    const high = Math.min(low + 1, size - 1);
    const quantile = sorted[low] + (sorted[high] - sorted[low]) * (rank - low);
    const limit = Math.min(Math.max(quantile, 1), max);
    for (let i = 0; i < size; i++) out[start + i] = Math.min(Math.max(picture[i], -limit), limit) / limit;
  }
  return { data: out, dims };
}
