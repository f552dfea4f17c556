/** In what two pictures' settings differ. */
import type { Settings } from "../../workers/protocol";

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
  width: "Width",
  height: "Height",
};

/** "guidanceRescale" -> "Guidance rescale" */
function labelOf(key: string): string {
  const words = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return LABELS[key as keyof Settings] ?? words[0].toUpperCase() + words.slice(1);
}

function textOf(value: unknown): string {
  if (value === undefined || value === "") return "none";
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The settings that are not the same, prompts first; those that a branch only notes for itself are left out. */
export function differences(a: Settings, b: Settings): Difference[] {
  const { takeover: _a, ...first } = a;
  const { takeover: _b, ...second } = b;
  const keys = new Set([...Object.keys(LABELS), ...Object.keys(first), ...Object.keys(second)]);
  return [...keys].flatMap((key) => {
    const [one, other] = [first, second].map((settings) => textOf(settings[key as keyof typeof settings]));
    return one === other ? [] : [{ label: labelOf(key), a: one, b: other }];
  });
}
