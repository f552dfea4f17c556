/** One picture: what was asked for, the steps that arrived and what came of it. */
import type { GenerateRequest, GenerateResult, LoadProgress, ModelInfo, Step } from "../../workers/protocol";
import type { EngineError } from "../engine/client";
import { stepNumber, totalSteps } from "./steps";

export type RunStatus = "queued" | "running" | "done" | "cancelled" | "failed";

/** Which of a step's latents is looked at: the estimate of x0, or what the sampler holds. */
export type View = "denoised" | "x";

/** What a run is asked for. */
export interface NewRun extends GenerateRequest {
  /** the run whose steps `resume` holds, where it is another one */
  parent?: { id: string; step: number };
  /** the runs that were asked for together */
  batch?: string;
}

export interface Run extends NewRun {
  /** lasts beyond the visit */
  id: string;
  /** counts the runs of this visit from 1 */
  number: number;
  model: ModelInfo;
  status: RunStatus;
  /** oldest first; kept after the run */
  steps: readonly Step[];
  result: GenerateResult | null;
  /** the picture as a PNG file */
  png: Blob | null;
  /** steps that were decoded in full, as PNG files, by `decodedKey` */
  decoded: Readonly<Record<string, Blob>>;
  error: EngineError | null;
  /** the part of the model that is being fetched for this run */
  fetching?: LoadProgress | null;
}

export function decodedKey(index: number, view: View): string {
  return `${index} ${view}`;
}

/** The name of a sampler; its id where the model knows none. */
export function samplerName(samplers: ModelInfo["samplers"], wanted: string): string {
  return samplers.find(({ id }) => id === wanted)?.label ?? wanted;
}

/** How far a run is, in the engine's count of steps: image to image begins in the middle, a larger picture has a second pass. */
export function progressOf({ steps, settings }: Run): { done: number; total: number } {
  const last = steps.at(-1);
  const planned = settings.steps + (settings.highResolution?.steps ?? 0);
  return { done: last ? stepNumber(last) : 0, total: last ? totalSteps(last.stages) : planned };
}

export function isOver(run: Run): boolean {
  return run.status !== "queued" && run.status !== "running";
}

/** The runs whose status is another one than before, new ones among them. */
export function changedStatus(runs: readonly Run[], before: readonly Run[]): Run[] {
  const known = new Map(before.map(({ id, status }) => [id, status]));
  return runs.filter(({ id, status }) => known.get(id) !== status);
}

const RECENT = 5;

/** Milliseconds a step, over the last few: the first one warms up. Nothing before the first step. */
export function millisecondsPerStep(steps: readonly Step[]): number | null {
  const recent = steps.slice(-RECENT);
  if (recent.length === 0) return null;
  return recent.reduce((sum, step) => sum + step.milliseconds, 0) / recent.length;
}
