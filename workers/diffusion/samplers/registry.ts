import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";
import { dpmSolver, dpmSolverPlusPlus, dpmSolverSde } from "./dpm-solver-multistep.ts";
import { euler } from "./euler.ts";
import { eulerAncestral } from "./euler-ancestral.ts";
import { lcm } from "./lcm.ts";

/** Every sampler; a new one is a file and a line here. */
export const samplers: readonly SamplerDefinition[] = [
  euler,
  eulerAncestral,
  ddim,
  ddpm,
  dpmSolverPlusPlus,
  dpmSolverSde,
  dpmSolver,
  lcm,
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
  // Flax pipelines wrote the same schedulers under names of their own.
  const schedulerClass = name.replace(/^Flax/, "");
  const algorithms: Record<string, SamplerDefinition> = {
    dpmsolver: dpmSolver,
    "dpmsolver++": dpmSolverPlusPlus,
    "sde-dpmsolver++": dpmSolverSde,
  };
  const found =
    schedulerClass === dpmSolverPlusPlus.schedulerClass
      ? algorithms[config.algorithm_type ?? "dpmsolver++"]
      : samplers.find((sampler) => sampler.schedulerClass === schedulerClass);
  if (found) return found;
  const asked = config.algorithm_type ? `${name} (${config.algorithm_type})` : name;
  throw new Error(`The model's scheduler ${asked} has no counterpart here; choose a sampler from the list.`);
}
