import { resolveConfig } from "../noise-schedule.ts";
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";
import { deis } from "./deis.ts";
import { dpmSde } from "./dpm-sde.ts";
import { dpmSolver, dpmSolverPlusPlus, dpmSolverPlusPlusSde, dpmSolverSde } from "./dpm-solver-multistep.ts";
import {
  dpmSolverPlusPlusSinglestep,
  dpmSolverPlusPlusSinglestepSde,
  dpmSolverSinglestep,
} from "./dpm-solver-singlestep.ts";
import { euler } from "./euler.ts";
import { eulerAncestral } from "./euler-ancestral.ts";
import { flowEuler, flowHeun } from "./flow-match.ts";
import { heun } from "./heun.ts";
import { kdpm2, kdpm2Ancestral } from "./kdpm2.ts";
import { lcm } from "./lcm.ts";
import { lms } from "./lms.ts";
import { pndm } from "./pndm.ts";
import { className, readByOwnClass, readBySampler } from "./scheduler-classes.ts";
import { tcd } from "./tcd.ts";
import { unipc } from "./unipc.ts";

/** Every sampler; a new one is a file and a line here. */
export const samplers: readonly SamplerDefinition[] = [
  euler,
  eulerAncestral,
  ddim,
  ddpm,
  dpmSolverPlusPlus,
  dpmSolverPlusPlusSde,
  dpmSde,
  dpmSolverPlusPlusSinglestep,
  dpmSolverPlusPlusSinglestepSde,
  dpmSolver,
  dpmSolverSde,
  dpmSolverSinglestep,
  unipc,
  heun,
  kdpm2,
  kdpm2Ancestral,
  lms,
  pndm,
  deis,
  lcm,
  tcd,
  flowEuler,
  flowHeun,
];

/** @throws Error when there is none of this id */
export function findSampler(id: string): SamplerDefinition {
  const found = samplers.find((sampler) => sampler.id === id);
  if (found) return found;
  throw new Error(`There is no sampler "${id}"; the samplers are ${samplers.map((sampler) => sampler.id).join(", ")}.`);
}

/** The sampler that a model's scheduler_config.json asks for. @throws Error when it is not among ours */
export function samplerForConfig(config: SchedulerConfig): SamplerDefinition {
  const name = config._class_name ?? "";
  const schedulerClass = className(config);
  const algorithm = readByOwnClass(config).algorithm_type ?? "dpmsolver++";
  const found = samplers.find(
    (sampler) => sampler.schedulerClass === schedulerClass && (sampler.algorithm ?? algorithm) === algorithm,
  );
  if (found) return found;
  const asked = config.algorithm_type ? `${name} (${config.algorithm_type})` : name;
  throw new Error(`The model's scheduler ${asked} has no counterpart here; choose a sampler from the list.`);
}

/** Whether a model's scheduler_config.json describes flow matching or variance-preserving diffusion. */
export function familyOf(config: SchedulerConfig): "diffusion" | "flow" {
  return config._class_name?.startsWith("FlowMatch") || config.use_flow_sigmas ? "flow" : "diffusion";
}

/** The samplers that can run a model with this config. */
export function samplersFor(config: SchedulerConfig): readonly SamplerDefinition[] {
  const family = familyOf(config);
  return samplers.filter((sampler) => sampler.families.includes(family));
}

/**
 * The model's config as a sampler reads it, its defaults filled in: what `levels`, `sample` and `predictionType` take.
 * `config` is the file as it is; the sampler takes over what the class that the file names makes of it, as `from_config` does in diffusers. A flow matching config names its shift otherwise than the samplers that also know diffusion; for them it is renamed.
 * @throws Error when the sampler cannot run the model
 */
export function configFor(sampler: SamplerDefinition, config: SchedulerConfig): SchedulerConfig {
  const family = familyOf(config);
  if (!sampler.families.includes(family)) {
    const others = samplersFor(config).map((one) => one.id);
    throw new Error(`${sampler.label} cannot run a ${family} model; choose one of ${others.join(", ")}.`);
  }
  const taken = readBySampler(sampler, readByOwnClass(config));
  const renames = family === "flow" && "use_flow_sigmas" in sampler.defaults && !config.use_flow_sigmas;
  const renamed: SchedulerConfig = renames
    ? { ...taken, use_flow_sigmas: true, flow_shift: config.shift ?? 1, prediction_type: "flow_prediction" }
    : taken;
  const resolved = resolveConfig(sampler.defaults, renamed);
  if (resolved.prediction_type === "flow_prediction" && family !== "flow") {
    throw new Error(
      "A model that predicts the flow needs noise levels of flow matching; set use_flow_sigmas in its scheduler_config.json.",
    );
  }
  return resolved;
}
