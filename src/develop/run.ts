/** One picture: what was asked for, the steps that arrived and what came of it. */
import type { GenerateResult, ModelInfo, Settings, Step } from "../../workers/protocol";
import type { EngineError } from "../engine";

export type RunStatus = "queued" | "running" | "done" | "cancelled" | "failed";

/** Which of a step's latents is looked at: the estimate of x0, or what the sampler holds. */
export type View = "denoised" | "x";

export interface Run {
  id: number;
  model: ModelInfo;
  settings: Settings;
  status: RunStatus;
  /** oldest first; kept after the run */
  steps: readonly Step[];
  result: GenerateResult | null;
  /** the picture as a PNG file */
  png: Blob | null;
  /** steps that were decoded in full, as PNG files, by `decodedKey` */
  decoded: Readonly<Record<string, Blob>>;
  error: EngineError | null;
}

export function decodedKey(index: number, view: View): string {
  return `${index} ${view}`;
}

export function isOver(run: Run): boolean {
  return run.status !== "queued" && run.status !== "running";
}

const RECENT = 5;

/** Milliseconds a step, over the last few: the first one warms up. Nothing before the first step. */
export function millisecondsPerStep(steps: readonly Step[]): number | null {
  const recent = steps.slice(-RECENT);
  if (recent.length === 0) return null;
  return recent.reduce((sum, step) => sum + step.milliseconds, 0) / recent.length;
}
