/**
 * Runs of diffusers' pipelines on tiny models with random weights: the folders and the numbers of `python -m training.reference.golden_pipelines`.
 * FAMILIES names another folder of them.
 */
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { diskFiles } from "../../cli/disk-files.ts";
import { samplers } from "../diffusion/samplers/registry.ts";
import { type ModelFiles, orMissing } from "../models/sources/model-files.ts";
import type { GenerateRequest, ModelInfo, Picture, Settings } from "../protocol.ts";

export const families = process.env.FAMILIES
  ? pathToFileURL(`${resolve(process.env.FAMILIES)}/`)
  : new URL("./families/", import.meta.url);

interface Recorded {
  offset: number;
  dims: number[];
}

export interface GoldenRun extends Omit<Settings, "sampler"> {
  /** diffusers' scheduler class; the model's own when absent */
  scheduler?: string;
  /** overrides of the model's scheduler_config.json, or with a class of its own what takes its place */
  config?: object;
  /** overrides of its model_index.json */
  modelIndex?: object;
  /** overrides of its VAE's config.json */
  vae?: object;
  /** id of the sampler, where the class alone does not say it */
  sampler?: string;
  pipeline: string;
  strength?: number;
  picture?: Recorded;
  mask?: Recorded;
  latents: Recorded;
  expected: Recorded;
}

interface Golden {
  diffusers: string;
  torch: string;
  /** `base`: the model whose files this one shares */
  models: Record<string, { base: string | null; runs: GoldenRun[] }>;
}

export const golden = JSON.parse(readFileSync(new URL("golden.json", families), "utf8")) as Golden;

export type Changes = Pick<GoldenRun, "config" | "modelIndex" | "vae">;

/** A model's folder; what it shares with another one lies there. */
export function goldenFiles(name: string, base: string | null, { config, modelIndex, vae }: Changes): ModelFiles {
  const folderOf = (one: string) => diskFiles(fileURLToPath(new URL(`${one}/`, families)));
  return {
    async read(path, options) {
      const own = orMissing(folderOf(name).read(path, options));
      const bytes = base
        ? ((await own) ?? (await folderOf(base).read(path, options)))
        : await folderOf(name).read(path, options);
      const change = {
        "scheduler/scheduler_config.json": config,
        "model_index.json": modelIndex,
        "vae_decoder/config.json": vae,
        "vae_encoder/config.json": vae,
      }[path];
      if (!change) return bytes;
      const isWhole = change === config && "_class_name" in change;
      const changed = { ...(isWhole ? {} : JSON.parse(new TextDecoder().decode(bytes))), ...change };
      return new TextEncoder().encode(JSON.stringify(changed)) as Uint8Array<ArrayBuffer>;
    },
  };
}

/** @param model its name in `golden` */
export function recordingsOf(model: string) {
  const bytes = readFileSync(new URL(`golden-${model}.bin`, families));
  return {
    /** [height, width, RGB] or [height, width] */
    picture({ offset, dims: [height, width, channels = 1] }: Recorded): Picture {
      const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
      for (let i = 0; i < width * height; i++) {
        for (let c = 0; c < 3; c++) rgba[i * 4 + c] = bytes[offset + i * channels + (channels === 3 ? c : 0)];
      }
      return { width, height, rgba };
    },
    tensor({ offset, dims }: Recorded): Float32Array {
      const length = dims.reduce((product, dim) => product * dim, 1);
      return new Float32Array(Uint8Array.from(bytes.subarray(offset, offset + 4 * length)).buffer);
    },
  };
}

/** @param plainPrompt diffusers cuts what lies beyond the window; what lies within is read the same either way */
export function requestOf(
  run: GoldenRun,
  recordings: ReturnType<typeof recordingsOf>,
  { defaults }: { readonly defaults: Pick<ModelInfo["defaults"], "sampler"> },
  plainPrompt: boolean,
): GenerateRequest {
  const { scheduler, picture, mask, strength, guidanceRescale, guidanceInterval, eta } = run;
  const { prompt, negativePrompt, seed, steps, guidanceScale, width, height } = run;
  const settings: Settings = {
    prompt,
    negativePrompt,
    plainPrompt,
    seed,
    steps,
    guidanceScale,
    width,
    height,
    sampler: run.sampler ?? (scheduler ? samplerOf(scheduler) : defaults.sampler),
    ...(guidanceRescale === undefined ? {} : { guidanceRescale }),
    ...(guidanceInterval === undefined ? {} : { guidanceInterval }),
    ...(eta === undefined ? {} : { eta }),
  };
  return {
    settings,
    ...(picture && strength !== undefined ? { image: { picture: recordings.picture(picture), strength } } : {}),
    ...(mask ? { mask: recordings.picture(mask) } : {}),
  };
}

function samplerOf(schedulerClass: string): string {
  const found = samplers.find((sampler) => sampler.schedulerClass === schedulerClass);
  if (!found) throw new Error(`There is no sampler for ${schedulerClass}.`);
  return found.id;
}

/** The largest difference, relative to the largest value of the reference. */
export function relativeError(found: Float32Array, reference: Float32Array): number {
  const largest = reference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return found.reduce((most, value, i) => Math.max(most, Math.abs(value - reference[i])), 0) / largest;
}

export function titleOf(run: GoldenRun): string {
  const { scheduler = "own scheduler", steps, guidanceScale, seed, width, height, strength } = run;
  const more = [
    strength !== undefined && `strength ${strength}`,
    run.eta !== undefined && `eta ${run.eta}`,
    run.guidanceRescale !== undefined && `guidance rescale ${run.guidanceRescale}`,
    run.guidanceInterval && `guided ${run.guidanceInterval.join(" to ")}`,
    run.negativePrompt && "negative prompt",
    run.modelIndex && "saved as StableDiffusionPipeline",
    run.config && JSON.stringify(run.config).replace(/["{}]/g, "").replace(":", " "),
  ].filter(Boolean);
  return [
    scheduler,
    `${steps} steps`,
    `guidance ${guidanceScale}`,
    `seed ${seed}`,
    `${width} x ${height}`,
    ...more,
  ].join(", ");
}
