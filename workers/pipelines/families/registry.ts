import { familyOf } from "../../diffusion/samplers/registry.ts";
import { className } from "../../diffusion/samplers/scheduler-classes.ts";
import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import { GUIDANCE_EMBEDDING } from "../guidance-embedding.ts";
import { stableDiffusion } from "./stable-diffusion.ts";
import { stableDiffusion3 } from "./stable-diffusion-3.ts";
import { stableDiffusionXl } from "./stable-diffusion-xl.ts";
import type { Family } from "./types.ts";

/** Every family; a new one is a file and a line here. */
const families: readonly Family[] = [stableDiffusion, stableDiffusionXl, stableDiffusion3];

/**
 * The family that a model's graph, its pipeline's class and its scheduler agree on: other models take inputs of the same names.
 * @throws EngineError ModelUnsupported: which of them is the obstacle
 */
export function familyOfModel({ backbone, index, schedulerConfig }: Model): Family {
  const named = familyOfClass(index._class_name);
  const wanted = new Set(backbone.conditions);
  const family = families.find((one) => one.matches(wanted)) ?? named ?? stableDiffusion;
  const given = new Set([...family.conditions, GUIDANCE_EMBEDDING]);
  const unknown = backbone.conditions.find((name) => !given.has(name));
  if (unknown !== undefined) {
    throw unsupported(
      `The model (${index._class_name ?? "of no class"}) takes an input "${unknown}", which Darkroom cannot fill; choose another model.`,
    );
  }
  if (named && named !== family) {
    throw unsupported(
      `model_index.json names ${index._class_name}, and the ${backbone.part} is one of ${classOf(family)}; put the right model_index.json there.`,
    );
  }
  if (backbone.part !== family.part) {
    throw unsupported(
      `The model's ${backbone.part} is not one that Darkroom knows; choose a model of ${everyClass()}.`,
    );
  }
  if (family.schedule !== familyOf(schedulerConfig) && isForOneKind(schedulerConfig, family)) {
    throw unsupported(
      `The model's scheduler, ${className(schedulerConfig)}, is not one that ${classOf(family)} runs with; put the right scheduler_config.json there.`,
    );
  }
  return family;
}

/** What exporters and frameworks put before diffusers' own names. */
const PREFIX = /^(ORT|Onnx|OV|Flax)(?=[A-Z])/;
const TASK = /(Img2Img|Inpaint|InpaintLegacy)?Pipeline$/;

/** The family that a pipeline's class runs; undefined where no class is named. @throws EngineError ModelUnsupported for other classes */
function familyOfClass(name: string | undefined): Family | undefined {
  const base = name?.replace(PREFIX, "");
  if (base === undefined || base === "DiffusionPipeline") return undefined;
  const family = families.find(({ pipelines }) => TASK.test(base) && pipelines.includes(base.replace(TASK, "")));
  if (family) return family;
  throw unsupported(`The model is for ${name}, which Darkroom does not have; choose a model of ${everyClass()}.`);
}

/** The exponential integrators also run flow matching on the U-Nets of diffusion models; diffusers' flow matching classes do not. */
const isForOneKind = (config: Model["schedulerConfig"], { schedule }: Family): boolean =>
  schedule === "flow" || className(config).startsWith("FlowMatch");

const classOf = ({ pipelines }: Family): string => `${pipelines[0]}Pipeline`;
const everyClass = (): string =>
  families.flatMap(({ pipelines }) => pipelines.map((one) => `${one}Pipeline`)).join(", ");

function unsupported(message: string): EngineError {
  return new EngineError("ModelUnsupported", message);
}
