/**
 * Training noise schedules and the choice of levels for a run. Values that diffusers holds in float32 are
 * rounded to float32 at the same places here, so that timesteps and sigmas are the same numbers.
 */
import type { NoiseLevel, SchedulerConfig } from "./types.ts";

const { fround, sqrt } = Math;

/** The config's own values where it has them, the sampler's for the rest; fields that the sampler does not read fall away. */
export function resolveConfig(defaults: SchedulerConfig, config: SchedulerConfig): SchedulerConfig {
  const resolved: Record<string, unknown> = {};
  for (const [key, value] of Object.entries(defaults)) resolved[key] = config[key as keyof SchedulerConfig] ?? value;
  return resolved as SchedulerConfig;
}

/** @throws Error unless 1 <= steps <= limit, a whole number */
export function checkSteps(steps: number, limit: number): void {
  if (!Number.isInteger(steps) || steps < 1 || steps > limit) {
    throw new Error(`The number of steps is ${steps}; choose a whole number from 1 to ${limit}.`);
  }
}

/** torch.linspace in float32: from both ends to the middle. */
function linspaceFloat32(start: number, end: number, count: number): Float32Array {
  const first = fround(start);
  const last = fround(end);
  const step = fround(fround(last - first) / (count - 1));
  return Float32Array.from({ length: count }, (_, i) =>
    i < Math.floor(count / 2) ? first + step * i : last - step * (count - i - 1),
  );
}

/** The betas of a cumulative product of alphas over times of 0 ... 1, each capped a thousandth below 1. */
function betasOf(alphaBar: (time: number) => number, count: number): Float32Array {
  return Float32Array.from({ length: count }, (_, i) =>
    Math.min(1 - alphaBar((i + 1) / count) / alphaBar(i / count), 1 - 0.001),
  );
}

/** Nichol and Dhariwal 2021, eq. 17. */
const cosine = (t: number): number => Math.cos((((t + 0.008) / 1.008) * Math.PI) / 2) ** 2;

/** Hang et al. 2024, "Improved Noise Schedule for Diffusion Training": lambda is of a Laplace distribution. */
function laplace(t: number): number {
  const lambda = -0.5 * (t > 0.5 ? -1 : 1) * Math.log(1 - 2 * Math.abs(0.5 - t) + 1e-6);
  const ratio = Math.exp(lambda);
  return sqrt(ratio / (1 + ratio));
}

/** torch.cumprod of `1 - beta`: the running product in double precision, each entry rounded to float32. */
function cumulativeProduct(betas: Float32Array): Float32Array {
  let product = 1;
  return betas.map((beta) => {
    product *= fround(1 - beta);
    return product;
  });
}

/** Zero terminal SNR (Lin et al. 2023, Algorithm 1). */
function rescaleToZeroTerminalSnr(betas: Float32Array): Float32Array {
  const root = cumulativeProduct(betas).map(sqrt);
  const first = root[0];
  const last = root[root.length - 1];
  const scale = fround(first / fround(first - last));
  const bar = root.map((value) => fround(fround(fround(value - last) * scale) ** 2));
  return bar.map((value, i) => 1 - (i === 0 ? value : fround(value / bar[i - 1])));
}

/** The training betas in float32. @throws Error on a schedule that is not known */
export function trainingBetas(config: SchedulerConfig): Float32Array {
  const { trained_betas, beta_schedule, beta_start, beta_end, num_train_timesteps } = config;
  const count = num_train_timesteps ?? 1000;
  const start = beta_start ?? 0.0001;
  const end = beta_end ?? 0.02;
  if (trained_betas) return Float32Array.from(trained_betas);
  switch (beta_schedule ?? "linear") {
    case "linear":
      return linspaceFloat32(start, end, count);
    case "scaled_linear":
      return linspaceFloat32(sqrt(start), sqrt(end), count).map((value) => value * value);
    case "squaredcos_cap_v2":
      return betasOf(cosine, count);
    case "laplace":
      return betasOf(laplace, count);
    case "exp":
      return betasOf((t) => Math.exp(-12 * t), count);
    case "sigmoid":
      return linspaceFloat32(-6, 6, count).map(
        (value) => fround(fround(1 / (1 + Math.exp(-value))) * fround(end - start)) + start,
      );
    default:
      throw new Error(
        `The beta schedule "${beta_schedule}" is not known; it must be linear, scaled_linear or squaredcos_cap_v2.`,
      );
  }
}

/** The cumulative products of `1 - beta` in float32, index = timestep; alpha = sqrt(it), sigma = sqrt(1 - it). */
export function alphasCumprod(config: SchedulerConfig): Float32Array {
  const betas = trainingBetas(config);
  return cumulativeProduct(config.rescale_betas_zero_snr ? rescaleToZeroTerminalSnr(betas) : betas);
}

/** The level of a squared alpha, variance preserving. */
export function levelOfAlphaCumprod(timestep: number, alphaCumprod: number): NoiseLevel {
  return { timestep, alpha: sqrt(alphaCumprod), sigma: sqrt(1 - alphaCumprod) };
}

/** The level of a sigma of the variance-exploding view, `x0 + sigma * noise`, brought to unit variance. */
export function levelOfSigma(timestep: number, sigma: number): NoiseLevel {
  const alpha = 1 / Math.hypot(sigma, 1);
  return { timestep, alpha, sigma: sigma * alpha };
}

/** The noise level in the variance-exploding view: sigma / alpha. */
export const sigmaOf = (level: NoiseLevel): number => level.sigma / level.alpha;

/** Half the log signal-to-noise ratio, ln(alpha / sigma): the time of the exponential integrators. */
export const lambdaOf = (level: NoiseLevel): number => Math.log(level.alpha) - Math.log(level.sigma);

/** Rounding half to even, as numpy does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return Math.round(value);
  return floor % 2 === 0 ? floor : floor + 1;
}

/** numpy.linspace(start, end, count). */
export function linspace(start: number, end: number, count: number): number[] {
  const step = count > 1 ? (end - start) / (count - 1) : 0;
  return Array.from({ length: count }, (_, i) => (count > 1 && i === count - 1 ? end : start + i * step));
}

/**
 * `numpy.arange(end, 0, -ratio).round() - 1`. arange takes the difference of its first two numbers for the step, whose last bits decide
 * which way a half is rounded.
 */
export function trailingTimesteps(end: number, ratio: number, count: number): number[] {
  const step = end - ratio - end;
  return Array.from({ length: count }, (_, i) => roundHalfEven(end + i * step) - 1);
}

/** The spacing of a run's timesteps over the training timesteps 0 ... total - 1, largest first (Lin et al. 2023, Table 2). */
export function spacedTimesteps(config: SchedulerConfig, steps: number, rounding: "integer" | "fraction"): number[] {
  const total = config.num_train_timesteps ?? 1000;
  const offset = config.steps_offset ?? 0;
  switch (config.timestep_spacing) {
    case "linspace": {
      const values = linspace(0, total - 1, steps).reverse();
      return rounding === "integer" ? values.map(roundHalfEven) : values.map(fround);
    }
    case "leading": {
      const ratio = Math.floor(total / steps);
      const timesteps = Array.from({ length: steps }, (_, i) => (steps - 1 - i) * ratio + offset);
      if (timesteps[0] >= total) {
        throw new Error(
          `${steps} steps with steps_offset ${offset} begin at timestep ${timesteps[0]}, beyond the ${total} trained ones; choose fewer steps.`,
        );
      }
      return timesteps;
    }
    case "trailing":
      return trailingTimesteps(total, total / steps, steps);
    default:
      throw new Error(
        `The timestep spacing "${config.timestep_spacing}" is not known; it must be linspace, leading or trailing.`,
      );
  }
}

/** numpy.interp over the indices 0 ... values.length - 1. */
export function interpolate(at: number, values: ArrayLike<number>): number {
  if (at <= 0) return values[0];
  if (at >= values.length - 1) return values[values.length - 1];
  const low = Math.floor(at);
  return values[low] + (values[low + 1] - values[low]) * (at - low);
}

/**
 * The sigmas (variance-exploding view) of the training timesteps, in float32. A zero terminal SNR would make the
 * last one infinite: there alphas_cumprod counts as 2^-24, the smallest positive float16.
 */
export function trainingSigmas(config: SchedulerConfig): Float32Array {
  const cumprod = alphasCumprod(config);
  if (config.rescale_betas_zero_snr) cumprod[cumprod.length - 1] = 2 ** -24;
  return cumprod.map((value) => sqrt(fround(fround(1 - value) / value)));
}

/** The timestep, a fraction, at which the training sigmas reach `sigma`: linear in log sigma. */
export function timestepOfSigma(sigma: number, logSigmas: Float32Array): number {
  const logSigma = Math.log(Math.max(sigma, 1e-10));
  let low = 0;
  while (low < logSigmas.length - 2 && logSigmas[low + 1] <= logSigma) low++;
  const weight = (logSigmas[low] - logSigma) / fround(logSigmas[low] - logSigmas[low + 1]);
  const inside = Math.min(Math.max(weight, 0), 1);
  return (1 - inside) * low + inside * (low + 1);
}

/** Sigmas from `max` to `min`, evenly spaced in sigma^(1/7) (Karras et al. 2022, eq. 5). */
export function karrasSigmas(min: number, max: number, steps: number): number[] {
  const rho = 7;
  const low = min ** (1 / rho);
  const high = max ** (1 / rho);
  return linspace(0, 1, steps).map((ramp) => (high + ramp * (low - high)) ** rho);
}

/** Sigmas from `max` to `min`, evenly spaced in log sigma. */
export function exponentialSigmas(min: number, max: number, steps: number): number[] {
  return linspace(Math.log(max), Math.log(min), steps).map(Math.exp);
}
