/** Every setting, once. A new one is a line in `Settings` (protocol.ts), a row here, and the pipeline that reads it. */
import * as v from "valibot";
import type { Variation } from "../protocol.ts";
import { FRACTION, flag, number, rangeProblem, SEED, structure, text } from "./kinds.ts";
import type { Limits, Range, SettingsTable } from "./setting.ts";

/** As many as the usual training schedules have timesteps. */
export const MAX_STEPS = 1000;
const STEPS: Range = { min: 1, max: MAX_STEPS, step: 1, whole: true };
const GUIDANCE: Range = { min: 0, max: 30, step: 0.5, whole: false };
const FEATHER: Range = { min: 0, max: 64, step: 1, whole: true };
/** Side lengths, as long as the second pass's picture may be to the first one's. */
const SCALE = { min: 1, max: 4 };
/** More than anybody makes, and less than fills the memory. */
const MAX_VARIATIONS = 1000;

const side = (model: Limits | null): Range =>
  model
    ? { min: model.minSize, max: model.maxSize, step: model.sizeMultiple, whole: true }
    : { min: 8, max: Number.MAX_SAFE_INTEGER, step: 8, whole: true };

const whole = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const finite = v.pipe(v.number(), v.finite());

const oneVariation = v.object({ seed: whole, strength: finite });

/** Read without recursion: a file may nest as deep as it likes. */
const variation = v.pipe(
  v.unknown(),
  v.rawTransform<unknown, Variation>(({ dataset, addIssue, NEVER }) => {
    const chain: Variation[] = [];
    for (let one = dataset.value; one !== undefined; one = (one as { of?: unknown }).of) {
      const read = v.safeParse(oneVariation, one);
      if (!read.success || chain.length === MAX_VARIATIONS) {
        addIssue({ message: "not a variation" });
        return NEVER;
      }
      chain.push(read.output);
    }
    return chain.reduceRight((of: Variation | undefined, one) => ({ ...one, ...(of && { of }) }), undefined) ?? NEVER;
  }),
);

/** The steps that are guided, from and to, as fractions of the run. */
const interval = v.pipe(
  v.tuple([finite, finite]),
  v.check(([from, to]) => from >= 0 && from <= to && to <= 1),
);

const secondPass = v.object({
  scale: finite,
  steps: whole,
  strength: finite,
  upscaler: v.exactOptional(v.picklist(["latent", "pixels"])),
});

/** Two numbers from "0.2, 0.8" or "0.2-0.8". */
function parsePair(typed: string): [number, number] | undefined {
  const parts = typed.split(/[,-]/).map((part) => (part.trim() === "" ? Number.NaN : Number(part)));
  return parts.length === 2 && !parts.some(Number.isNaN) ? [parts[0], parts[1]] : undefined;
}

export const settingsTable: SettingsTable = {
  prompt: text({ label: "Prompt" }),
  negativePrompt: text({ label: "Negative prompt" }),
  plainPrompt: flag({ label: "Plain prompt", carried: true }),
  sampler: text({
    label: "Sampler",
    text: (id, samplers) => samplers.find((one) => one.id === id)?.label ?? id,
    problem: (id, { samplers }) =>
      samplers.some((one) => one.id === id)
        ? undefined
        : `The sampler "${id}" is not one of ${samplers.map((one) => one.id).join(", ")}.`,
  }),
  steps: number(STEPS, { label: "Steps", parameters: { key: "Steps" } }),
  guidanceScale: number(GUIDANCE, { label: "Guidance scale", parameters: { key: "CFG scale" } }),
  guidanceRescale: number(FRACTION, { label: "Guidance rescale", carried: true, parameters: { key: "CFG Rescale" } }),
  guidanceInterval: structure(interval, {
    label: "Guidance interval",
    text: (pair) => pair.join(" to "),
    parse: parsePair,
    remedy: "give two numbers from 0 to 1, the lower one first, such as 0,0.5",
    parameters: { key: "Guidance interval", write: (pair) => pair.join("-"), read: parsePair },
  }),
  eta: number(FRACTION, { label: "Eta", carried: true, parameters: { key: "Eta" } }),
  seed: number(SEED, { label: "Seed", parameters: { key: "Seed" } }),
  noiseSeed: number(SEED, { label: "Noise seed", carried: true, parameters: { key: "Noise seed" } }),
  maskFeather: number(FEATHER, { label: "Mask feather", parameters: { key: "Mask feather" } }),
  variation: structure(variation, {
    label: "Variation",
    carried: true,
    problem(value) {
      for (let one: Variation | undefined = value; one; one = one.of) {
        const problem =
          rangeProblem("The strength of the variation", one.strength, FRACTION) ??
          rangeProblem("The variation seed", one.seed, SEED);
        if (problem) return problem;
      }
      return undefined;
    },
    text({ seed, strength, of }) {
      const own = `seed ${seed}, strength ${strength}`;
      return of ? `${own}, of a variation` : own;
    },
    remedy: 'give it as JSON, such as {"seed": 7, "strength": 0.2}',
  }),
  highResolution: structure(secondPass, {
    label: "Second pass",
    carried: true,
    problem({ scale, steps, strength, upscaler = "latent" }, { title, pipelines }) {
      if (!(scale > SCALE.min && scale <= SCALE.max))
        return `The upscale factor of the second pass is ${scale}; choose more than ${SCALE.min} and up to ${SCALE.max}.`;
      const problem = rangeProblem("The number of steps of the second pass", steps, STEPS);
      if (problem) return problem;
      if (!(strength > 0 && strength <= 1) || steps / strength > MAX_STEPS)
        return `The strength of the second pass is ${strength}; choose a number above 0, up to 1, or fewer steps.`;
      if (upscaler === "pixels" && !pipelines.some(({ inputs }) => inputs.includes("image")))
        return `${title} has no VAE encoder, which enlarged pixels need; choose the latent upscaler.`;
      return undefined;
    },
    text: ({ scale, steps, strength, upscaler }) =>
      `${scale}×, ${steps} steps, strength ${strength}${upscaler === "pixels" ? ", enlarged pixels" : ""}`,
    remedy: 'give it as JSON, such as {"scale": 2, "steps": 6, "strength": 0.2, "upscaler": "pixels"}',
  }),
  takeover: structure(v.object({ stage: v.exactOptional(whole), step: whole, levels: v.string() }), {
    label: "Sampler change",
    // A branch's own bookkeeping: its settings say the rest.
    text: () => undefined,
  }),
  width: number(side, { label: "Width" }),
  height: number(side, { label: "Height" }),
};
