import { alphasCumprod, levelOfAlphaCumprod } from "./noise-schedule.ts";
import { shiftSigma } from "./samplers/flow-shift.ts";
import type { NoiseLevel, SchedulerConfig } from "./types.ts";

/**
 * The level of every training timestep, the least noisy first: the forward process of Ho et al. 2020, eq. 4; for flow matching
 * sigma = t, shifted (Esser et al. 2024, eq. 23).
 */
export function trainingLevels(config: SchedulerConfig, kind: "diffusion" | "flow"): NoiseLevel[] {
  if (kind === "diffusion") return Array.from(alphasCumprod(config), (value, t) => levelOfAlphaCumprod(t, value));
  const total = config.num_train_timesteps ?? 1000;
  const shift = config.use_dynamic_shifting ? 1 : (config.shift ?? config.flow_shift ?? 1);
  return Array.from({ length: total }, (_, t) => {
    const sigma = shiftSigma(shift, (t + 1) / total);
    return { timestep: sigma * total, alpha: 1 - sigma, sigma };
  });
}
