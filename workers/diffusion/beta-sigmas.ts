/** Sigmas at the quantiles of a beta distribution (Lee et al. 2024, "Beta sampling is all you need"). */
import { linspace } from "./noise-schedule.ts";

/** Sigmas from `max` to `min` at evenly spaced quantiles of Beta(0.6, 0.6). */
export function betaQuantileSigmas(min: number, max: number, steps: number): number[] {
  return linspace(0, 1, steps).map((ramp) => min + symmetricBetaQuantile(1 - ramp, 0.6) * (max - min));
}

/** The inverse of the cumulative distribution function of Beta(shape, shape). */
export function symmetricBetaQuantile(probability: number, shape: number): number {
  if (probability <= 0) return 0;
  if (probability >= 1) return 1;
  // The distribution is symmetric: below one half the series converges, above it is mirrored.
  if (probability > 0.5) return 1 - symmetricBetaQuantile(1 - probability, shape);
  const complete = 2 * lowerBeta(0.5, shape);
  let low = 0;
  let high = 0.5;
  while (high - low > Number.EPSILON * high) {
    const middle = (low + high) / 2;
    if (middle === low || middle === high) break;
    if (lowerBeta(middle, shape) / complete < probability) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The incomplete beta function B(x; a, a) by its power series, for x up to one half. */
function lowerBeta(x: number, a: number): number {
  let coefficient = 1;
  let sum = 1 / a;
  for (let n = 1; n < 200; n++) {
    coefficient *= ((n - a) / n) * x;
    const term = coefficient / (a + n);
    sum += term;
    if (term < sum * 1e-17) break;
  }
  return x ** a * sum;
}
