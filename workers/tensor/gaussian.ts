import { slice } from "./join.ts";
import type { Tensor } from "./tensor.ts";

/** The range that diffusers keeps the log-variance in (DiagonalGaussianDistribution). */
const LOG_VARIANCE = { min: -30, max: 20 };

/**
 * One draw from a diagonal Gaussian: `mean + deviation * noise`.
 * @param parameters [1, 2 channels, ...]: the means, then the log-variances
 * @param noise as many standard normal numbers as there are means
 */
export function drawGaussian(parameters: Tensor, noise: Float32Array): Tensor {
  const channels = parameters.dims[1] / 2;
  const mean = slice(parameters, 1, 0, channels);
  const { data: logVariance } = slice(parameters, 1, channels, 2 * channels);
  const { min, max } = LOG_VARIANCE;
  const data = mean.data.map((value, i) => {
    const deviation = Math.exp(Math.min(Math.max(logVariance[i], min), max) / 2);
    return value + deviation * noise[i];
  });
  return { data, dims: mean.dims };
}
