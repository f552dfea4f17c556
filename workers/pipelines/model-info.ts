/** What the page is told of a model: from its darkroom.json, or else from its configs and its family. */
import { resolveConfig } from "../diffusion/noise-schedule.ts";
import { samplerForConfig, samplersFor } from "../diffusion/samplers/registry.ts";
import type { SamplerDefinition, SchedulerConfig } from "../diffusion/types.ts";
import { EngineError } from "../errors.ts";
import type { Model } from "../models/load-model.ts";
import type { Backend, ModelInfo, SamplerInfo, Settings } from "../protocol.ts";
import { distilledDefaults } from "./distilled.ts";
import type { Family } from "./families/types.ts";
import { hasGuidanceEmbedding } from "./guidance-embedding.ts";
import { vaeOf } from "./latent-space.ts";
import { pipelinesOf } from "./registry.ts";

export function describeModel(model: Model, family: Family, backend: Backend): ModelInfo {
  const { id, manifest, schedulerConfig, backbone } = model;
  const sizeMultiple = vaeOf(model).scaleFactor * backbone.sizeMultiple;
  const common = {
    id,
    samplers: samplersFor(schedulerConfig).map((sampler) => samplerInfo(sampler, schedulerConfig)),
    pipelines: pipelinesOf(model),
    sizeMultiple,
    backend,
  };
  if (manifest) {
    const { title, license, defaults, size, upscaleStrength } = manifest;
    return {
      ...common,
      title,
      license,
      defaults: { ...defaults, seed: 0 },
      minSize: size.min,
      maxSize: size.max,
      ...(upscaleStrength !== undefined && { upscaleStrength }),
    };
  }
  const { width, height } = trainedSize(model);
  return {
    ...common,
    title: id,
    license: "unknown",
    defaults: {
      prompt: "",
      negativePrompt: "",
      sampler: defaultSampler(schedulerConfig),
      ...usual(model, family),
      width,
      height,
      seed: 0,
    },
    ...(backbone.fixedSize
      ? onlySize(width, height)
      : { minSize: sizeMultiple, maxSize: Math.max(4 * Math.max(width, height), LARGE_SIDE) }),
  };
}

function samplerInfo(sampler: SamplerDefinition, given: SchedulerConfig): SamplerInfo {
  const { id, label } = sampler;
  const config = resolveConfig(sampler.defaults, given);
  if (sampler.stochastic?.(config)) return { id, label, noise: "always" };
  return sampler.stochastic?.(config, 1) ? { id, label, noise: "with eta" } : { id, label };
}

/** Pixels: every model may be asked for as much, whatever it was trained on. */
const LARGE_SIDE = 2048;

/** Latent pixels: what is proposed for a model that says nothing of the size it was trained on. */
const USUAL_SIDE = 64;

/** @throws EngineError ModelUnsupported when the graph takes one size that is not square */
function onlySize(width: number, height: number): { minSize: number; maxSize: number } {
  if (width === height) return { minSize: width, maxSize: width };
  throw new EngineError(
    "ModelUnsupported",
    `The model was exported for pictures of ${width} x ${height} alone; choose an export with dynamic or square sizes.`,
  );
}

/** The size that the graph or the configs name, in pixels. */
function trainedSize(model: Model): { width: number; height: number } {
  const { backbone } = model;
  const { scaleFactor } = vaeOf(model);
  const size = backbone.fixedSize ?? backbone.config.sample_size ?? USUAL_SIDE;
  const [height, width] = typeof size === "number" ? [size, size] : size;
  return { width: width * scaleFactor, height: height * scaleFactor };
}

/** Of a scheduler that is not among ours the name is kept, so that a run says so and lists the samplers. */
function defaultSampler(config: SchedulerConfig): string {
  try {
    return samplerForConfig(config).id;
  } catch {
    return config._class_name ?? "";
  }
}

/** Distilled models take a few steps, and no guidance or guidance as an input. */
function usual(model: Model, family: Family): Pick<Settings, "steps" | "guidanceScale"> {
  if (hasGuidanceEmbedding(model.backbone)) return { steps: 4, guidanceScale: 8.5 };
  const { id, index, backbone, schedulerConfig } = model;
  const names = [id, index._name_or_path, backbone.config._name_or_path].filter((name) => typeof name === "string");
  return distilledDefaults(names, schedulerConfig) ?? family.defaults;
}
