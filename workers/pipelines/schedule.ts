import { configFor, findSampler } from "../diffusion/samplers/registry.ts";
import { takeoverLevels } from "../diffusion/takeover.ts";
import type { NoiseLevel, SamplerDefinition, SchedulerConfig } from "../diffusion/types.ts";
import type { Takeover } from "../protocol.ts";
import { orInvalid } from "./or-invalid.ts";

/** A sampler and the noise levels that it goes through. */
export interface Schedule {
  readonly sampler: SamplerDefinition;
  readonly config: SchedulerConfig;
  /** one more than there are steps */
  readonly levels: readonly NoiseLevel[];
}

export interface ScheduleOptions {
  /** id of the sampler */
  readonly sampler: string;
  readonly steps: number;
  /** image tokens, for flow models with dynamic shifting */
  readonly tokens?: number;
  /** fraction of the schedule that a consistency model runs (image to image) */
  readonly strength?: number;
  readonly takeover?: Takeover | undefined;
}

/** @throws EngineError InvalidSetting where the sampler cannot run the config */
export function createSchedule(
  given: SchedulerConfig,
  { sampler, steps, tokens, strength, takeover }: ScheduleOptions,
): Schedule {
  const of = (id: string): Schedule => {
    const found = findSampler(id);
    const config = configFor(found, given);
    return { sampler: found, config, levels: found.levels(config, steps, tokens, strength) };
  };
  return orInvalid(() => {
    const own = of(sampler);
    return takeover ? { ...own, levels: takeoverLevels(of(takeover.levels), own, takeover.step) } : own;
  });
}
