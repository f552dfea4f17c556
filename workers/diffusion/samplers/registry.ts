import type { SamplerDefinition, SchedulerConfig } from "../types.ts";
import { ddim } from "./ddim.ts";
import { ddpm } from "./ddpm.ts";
import { deis } from "./deis.ts";
import { dpmSde } from "./dpm-sde.ts";
import { dpmSolver, dpmSolverPlusPlus, dpmSolverSde } from "./dpm-solver-multistep.ts";
import { dpmSolverSinglestep } from "./dpm-solver-singlestep.ts";
import { euler } from "./euler.ts";
import { eulerAncestral } from "./euler-ancestral.ts";
import { flowEuler, flowHeun } from "./flow-match.ts";
import { heun } from "./heun.ts";
import { kdpm2, kdpm2Ancestral } from "./kdpm2.ts";
import { lcm } from "./lcm.ts";
import { lms } from "./lms.ts";
import { pndm } from "./pndm.ts";
import { tcd } from "./tcd.ts";
import { unipc } from "./unipc.ts";

/** Every sampler; a new one is a file and a line here. */
export const samplers: readonly SamplerDefinition[] = [
  euler,
  eulerAncestral,
  ddim,
  ddpm,
  dpmSolverPlusPlus,
  dpmSolverSde,
  dpmSde,
  dpmSolverSinglestep,
  dpmSolver,
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
