/** More of a picture: variations of it, and the same at twice the size. */
import type { HighResolution, ModelInfo } from "../../workers/protocol";
import type { NewRun, Run } from "../runs/run";

/** How far the noise is turned towards another: a detail or two changes (docs/upscaling.md), or the composition does. */
export const STRENGTHS = { subtle: 0.05, strong: 0.55 } as const;
/** So many at once: enough to choose from. */
export const VARIATIONS = 4;

const SCALE = 2;
/** Of the second pass, where nobody measured what keeps the model's pictures: usual for enlarged pixels. */
const PIXELS_STRENGTH = 0.3;
/** Enlarged latents decode to a smear that less noise does not mend: for models without a VAE encoder alone. */
const LATENT_STRENGTH = 0.5;
/** The share of the first pass's steps that the second one runs. */
const SECOND_PASS = 0.25;

/** Runs that differ from the picture by their noise alone; a variation's variations stay near it. */
export function variationsOf({ settings, image, mask }: Run, strength: number, seeds: readonly number[]): NewRun[] {
  const { variation, takeover: _, noiseSeed: __, ...same } = settings;
  return seeds.map((seed) => ({
    settings: { ...same, variation: { seed, strength, ...(variation && { of: variation }) } },
    ...(image && { image }),
    ...(mask && { mask }),
  }));
}

/** The same settings with another seed. */
export function againOf({ settings, image, mask }: Run, seed: number): NewRun {
  const { takeover: _, noiseSeed: __, variation: ___, ...same } = settings;
  return { settings: { ...same, seed }, ...(image && { image }), ...(mask && { mask }) };
}

/** The picture at twice the size: its finished steps are the first pass. */
export function upscaledOf({ settings, image, steps, model }: Run): NewRun {
  const second = Math.max(Math.round(settings.steps * SECOND_PASS), 1);
  const encodes = model.pipelines.some(({ inputs }) => inputs.includes("image"));
  const pass: Omit<HighResolution, "scale" | "steps"> = encodes
    ? { upscaler: "pixels", strength: model.upscaleStrength ?? PIXELS_STRENGTH }
    : { upscaler: "latent", strength: LATENT_STRENGTH };
  return {
    settings: { ...settings, highResolution: { scale: SCALE, steps: second, ...pass } },
    ...(image && { image }),
    resume: { steps: [...steps] },
  };
}

/** Why a picture cannot be made larger, in one sentence; nothing when it can. */
export function upscaleProblem({ settings, mask, model }: Run, loaded: ModelInfo | null): string | undefined {
  const side = Math.max(settings.width, settings.height) * SCALE;
  if (settings.highResolution) return "This picture was made larger already.";
  if (mask) return "An inpainted picture cannot be made larger; use it as a start image.";
  if (loaded?.id !== model.id) return `It was made by ${model.title}; choose that model first.`;
  if (side > model.maxSize) return `Twice its size is more than the ${model.maxSize} pixels that ${model.title} makes.`;
  return undefined;
}
