import { isOver, millisecondsPerStep, progressOf, type Run } from "../runs/run";

/**
 * Milliseconds until each run that is not over is done, in the order in which they run; nothing before a step was measured. A step is
 * taken to cost as much as there are pixels, and twice where it is guided.
 */
export function timesLeft(runs: readonly Run[]): ReadonlyMap<string, number> {
  const times = new Map<string, number>();
  const measured = runs.findLast(({ status, steps }) => status !== "queued" && steps.length > 0);
  const each = measured && millisecondsPerStep(measured.steps);
  if (!measured || !each) return times;
  let sum = 0;
  for (const run of inOrder(runs)) {
    const { done, total } = progressOf(run);
    sum += (total - done) * each * (costOf(run) / costOf(measured));
    times.set(run.id, sum);
  }
  return times;
}

/** The running one, then what waits. */
export function inOrder(runs: readonly Run[]): Run[] {
  const open = runs.filter((run) => !isOver(run));
  return [...open.filter(({ status }) => status === "running"), ...open.filter(({ status }) => status === "queued")];
}

function costOf({ settings: { width, height, guidanceScale, guidanceInterval: [from, to] = [0, 1] } }: Run): number {
  return width * height * (guidanceScale > 1 ? 1 + to - from : 1);
}
