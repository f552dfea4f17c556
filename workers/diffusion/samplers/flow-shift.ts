/** How the noise levels of flow matching are moved towards more noise for larger pictures. */
import type { SchedulerConfig } from "../types.ts";

export const shiftDefaults: SchedulerConfig = {
  use_dynamic_shifting: false,
  base_shift: 0.5,
  max_shift: 1.15,
  base_image_seq_len: 256,
  max_image_seq_len: 4096,
  time_shift_type: "exponential",
};

/** A sigma of 0 ... 1, shifted (Esser et al. 2024, eq. 23). */
export const shiftSigma = (shift: number, sigma: number): number => (shift * sigma) / (1 + (shift - 1) * sigma);

/**
 * The shift for a picture of so many tokens: a line through the base and the largest length, in the exponent.
 * @throws Error without the number of tokens
 */
export function dynamicShift(config: SchedulerConfig, tokens: number | undefined): number {
  if (tokens === undefined) {
    throw new Error("A model with dynamic shifting needs the number of image tokens to choose its noise levels.");
  }
  const { base_shift, max_shift, base_image_seq_len, max_image_seq_len } = config;
  const [base, max] = [base_shift ?? 0.5, max_shift ?? 1.15];
  const [shortest, longest] = [base_image_seq_len ?? 256, max_image_seq_len ?? 4096];
  const mu = base + ((max - base) / (longest - shortest)) * (tokens - shortest);
  return config.time_shift_type === "linear" ? mu : Math.exp(mu);
}

/** Stretched, with sigma 1 where it is, so that the last one is `terminal`. */
export function stretchToTerminal(sigmas: readonly number[], terminal: number): number[] {
  const stretch = (1 - sigmas[sigmas.length - 1]) / (1 - terminal);
  return sigmas.map((sigma) => 1 - (1 - sigma) / stretch);
}
