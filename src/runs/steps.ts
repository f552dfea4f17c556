/** Where a step stands in its run: in which stage, and which of all steps. */
import type { StageInfo, Step } from "../../workers/protocol";

/** The stage that a step belongs to. */
export function stageOf({ stages, stage }: Step): StageInfo {
  return stages[stage];
}

/** All steps of a run. The first stage counts its whole schedule: image to image enters it in the middle. */
export function totalSteps([first, ...later]: readonly StageInfo[]): number {
  return later.reduce((sum, { steps, first: from }) => sum + steps - from, first.steps);
}

/** The step's number among all steps of its run, from 1. */
export function stepNumber({ stages, stage, index }: Step): number {
  if (stage === 0) return index + 1;
  return totalSteps([stages[0], ...stages.slice(1, stage)]) + index - stages[stage].first + 1;
}
