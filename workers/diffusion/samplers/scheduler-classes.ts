/**
 * What each of diffusers' scheduler classes takes in the fields of scheduler_config.json that classes share, as of diffusers 0.42: values that it
 * knows, values of other classes that it reads as one of its own, and, for all others, a refusal.
 */
import type { SamplerDefinition, SchedulerConfig } from "../types.ts";

type Field = "solver_type" | "algorithm_type" | "prediction_type" | "variance_type" | "beta_schedule";

interface Choice {
  readonly known: readonly string[];
  /** another class's value -> the one that it is read as */
  readonly readAs?: Readonly<Record<string, string>>;
}

const each = (values: readonly string[], value: string) => Object.fromEntries(values.map((one) => [one, value]));

const EPSILON_OR_V: Choice = { known: ["epsilon", "v_prediction"] };
const NOT_FLOW: Choice = { known: ["epsilon", "sample", "v_prediction"] };
const ANY_PREDICTION: Choice = { known: ["epsilon", "sample", "v_prediction", "flow_prediction"] };

const BETAS = ["linear", "scaled_linear", "squaredcos_cap_v2"];

const DPM_SOLVER: Partial<Record<Field, Choice>> = {
  solver_type: { known: ["midpoint", "heun"], readAs: each(["logrho", "bh1", "bh2"], "midpoint") },
  prediction_type: ANY_PREDICTION,
  // a learned variance comes in channels of its own
  variance_type: { known: ["fixed_small", "fixed_small_log", "fixed_large", "fixed_large_log"] },
};

const CLASSES: Readonly<Record<string, Partial<Record<Field, Choice>>>> = {
  DPMSolverMultistepScheduler: {
    ...DPM_SOLVER,
    algorithm_type: {
      known: ["dpmsolver", "dpmsolver++", "sde-dpmsolver", "sde-dpmsolver++"],
      readAs: { deis: "dpmsolver++" },
    },
  },
  DPMSolverSinglestepScheduler: {
    ...DPM_SOLVER,
    algorithm_type: { known: ["dpmsolver", "dpmsolver++", "sde-dpmsolver++"], readAs: { deis: "dpmsolver++" } },
  },
  UniPCMultistepScheduler: {
    solver_type: { known: ["bh1", "bh2"], readAs: each(["midpoint", "heun", "logrho"], "bh2") },
    prediction_type: ANY_PREDICTION,
  },
  DEISMultistepScheduler: {
    solver_type: { known: ["logrho"], readAs: each(["midpoint", "heun", "bh1", "bh2"], "logrho") },
    algorithm_type: { known: ["deis"], readAs: each(["dpmsolver", "dpmsolver++"], "deis") },
    prediction_type: ANY_PREDICTION,
  },
  DDPMScheduler: { beta_schedule: { known: [...BETAS, "sigmoid", "laplace"] } },
  EulerDiscreteScheduler: { prediction_type: { ...NOT_FLOW, readAs: { original_sample: "sample" } } },
  HeunDiscreteScheduler: { beta_schedule: { known: [...BETAS, "exp"] } },
  EulerAncestralDiscreteScheduler: { prediction_type: EPSILON_OR_V },
  KDPM2DiscreteScheduler: { prediction_type: EPSILON_OR_V },
  KDPM2AncestralDiscreteScheduler: { prediction_type: EPSILON_OR_V },
  DPMSolverSDEScheduler: { prediction_type: EPSILON_OR_V },
  PNDMScheduler: { prediction_type: EPSILON_OR_V },
  FlowMatchEulerDiscreteScheduler: { prediction_type: ANY_PREDICTION },
  FlowMatchHeunDiscreteScheduler: { prediction_type: ANY_PREDICTION },
};

const EVERY_CLASS: Partial<Record<Field, Choice>> = { prediction_type: NOT_FLOW, beta_schedule: { known: BETAS } };

/** The name in a file; Flax pipelines wrote the same schedulers under names of their own. */
export const className = ({ _class_name }: SchedulerConfig): string => (_class_name ?? "").replace(/^Flax/, "");

/**
 * A config as a sampler's class reads it; the sampler's own algorithm replaces the file's.
 * @throws Error on a value that the class refuses
 */
export function readBySampler(
  { schedulerClass, algorithm, label }: Pick<SamplerDefinition, "schedulerClass" | "algorithm" | "label">,
  config: SchedulerConfig,
): SchedulerConfig {
  const given = algorithm === undefined ? config : { ...config, algorithm_type: algorithm };
  return translate(schedulerClass, given, (field, value) => {
    throw new Error(
      `${label} cannot run the ${field} "${value}" of the model's scheduler_config.json; choose another sampler.`,
    );
  });
}

/** A config after the class that it names has read it: other classes get what that class made of it. */
export const readByOwnClass = (config: SchedulerConfig): SchedulerConfig =>
  translate(className(config), config, (_field, value) => value);

function translate(
  schedulerClass: string,
  config: SchedulerConfig,
  refuse: (field: Field, value: string) => string,
): SchedulerConfig {
  const changed: Partial<Record<Field, string>> = {};
  for (const [field, choice] of Object.entries({ ...EVERY_CLASS, ...CLASSES[schedulerClass] }) as [Field, Choice][]) {
    const value = config[field];
    if (value === undefined || value === null || choice.known.includes(value)) continue;
    changed[field] = choice.readAs?.[value] ?? refuse(field, value);
  }
  return { ...config, ...changed };
}
