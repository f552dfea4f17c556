/** In what two pictures' settings differ. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { samplerName } from "../develop/run";
import { highResolutionText, variationText } from "../variations/words";

export interface Difference {
  label: string;
  a: string;
  b: string;
}

const LABELS: Partial<Record<keyof Settings, string>> = {
  prompt: "Prompt",
  negativePrompt: "Negative prompt",
  sampler: "Sampler",
  steps: "Steps",
  guidanceScale: "Guidance scale",
  seed: "Seed",
  noiseSeed: "Noise seed",
  highResolution: "Upscaled",
  width: "Width",
  height: "Height",
};

/** "guidanceRescale" -> "Guidance rescale" */
function labelOf(key: keyof Settings): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return LABELS[key] ?? words[0].toUpperCase() + words.slice(1);
}

function textOf(settings: Settings, key: keyof Settings, samplers: ModelInfo["samplers"]): string {
  const { [key]: value, variation, highResolution } = settings;
  if (value === undefined || value === "") return "none";
  if (key === "sampler") return samplerName(samplers, settings.sampler);
  if (key === "variation" && variation) return variationText(variation);
  if (key === "highResolution" && highResolution) return highResolutionText(highResolution);
  return Array.isArray(value) ? value.join(" to ") : String(value);
}

/** The settings that are not the same, prompts first; those that a branch only notes for itself are left out. */
export function differences(a: Settings, b: Settings, samplers: ModelInfo["samplers"]): Difference[] {
  const keys = new Set([...Object.keys(LABELS), ...Object.keys(a), ...Object.keys(b)]) as Set<keyof Settings>;
  keys.delete("takeover");
  return [...keys].flatMap((key) => {
    const [one, other] = [a, b].map((settings) => textOf(settings, key, samplers));
    return one === other ? [] : [{ label: labelOf(key), a: one, b: other }];
  });
}
