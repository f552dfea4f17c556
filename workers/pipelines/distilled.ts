/** Models distilled to a few steps without guidance, which no file of theirs states outright. */
import { familyOf } from "../diffusion/samplers/registry.ts";
import type { SchedulerConfig } from "../diffusion/types.ts";
import type { Settings } from "../protocol.ts";

/** Lightning (Lin et al. 2024) is published for several numbers of steps; this is the usual one. */
const LIGHTNING_STEPS = 4;

/**
 * Turbo (Sauer et al. 2023) and Lightning share their scheduler (Euler's method, trailing timesteps) with models that are not distilled at
 * all, such as v-prediction ones. Their names tell them apart, so both have to agree.
 * @param names what the model, its pipeline and its backbone are called
 * @returns undefined for every other model
 */
export function distilledDefaults(
  names: readonly (string | undefined)[],
  config: SchedulerConfig,
): Pick<Settings, "steps" | "guidanceScale"> | undefined {
  const trailing =
    familyOf(config) === "diffusion" &&
    /^Euler/.test(config._class_name ?? "") &&
    config.timestep_spacing === "trailing" &&
    !config.rescale_betas_zero_snr &&
    config.prediction_type !== "v_prediction";
  if (!trailing) return undefined;
  const name = names.filter((one) => one !== undefined).join(" ");
  const words = wordsOf(name);
  if (words.has("lightning")) {
    const steps = Number(/(\d+)[-_ ]?steps?(?![a-z])/i.exec(name)?.[1]) || LIGHTNING_STEPS;
    return { steps, guidanceScale: 1 };
  }
  return words.has("turbo") ? { steps: 1, guidanceScale: 0 } : undefined;
}

/** "stabilityai/SDXLTurbo_onnx" is stabilityai, sdxl, turbo and onnx. */
function wordsOf(name: string): Set<string> {
  const parted = name.replace(/([a-z])([A-Z])/g, "$1 $2").replace(/([A-Z])([A-Z][a-z])/g, "$1 $2");
  return new Set(parted.toLowerCase().split(/[^a-z]+/));
}
