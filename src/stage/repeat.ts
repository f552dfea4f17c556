/** Generate pressed again with nothing changed: the same seed and settings draw the same picture, to the bit. */
import type { ModelInfo } from "../../workers/protocol";
import type { StartImageState } from "../image/start-image";
import type { NewRun, Run } from "../runs/run";

/** What Generate was pressed with. */
export interface Press {
  /** another object where the model was loaded again, with other LoRAs say */
  info: ModelInfo;
  runs: readonly NewRun[];
  start: StartImageState;
}

/** The run that a press would draw once more; null where it would be another picture, or where that run was broken off. */
export function repeatedRun(press: Press, last: Press | null, runs: readonly Run[]): Run | null {
  if (!last || press.info !== last.info || !sameStart(press.start, last.start)) return null;
  if (JSON.stringify(press.runs) !== JSON.stringify(last.runs)) return null;
  const [first] = press.runs;
  const settings = first && textOf(first);
  const drawn = ({ status, parent, image }: Run) =>
    status !== "cancelled" && status !== "failed" && !parent && (image !== undefined) === (press.start.source !== null);
  return runs.findLast((run) => drawn(run) && textOf(run) === settings) ?? null;
}

/** The settings, but for what a start image adds to them. */
function textOf({ settings }: NewRun): string {
  return JSON.stringify({ ...settings, maskFeather: undefined });
}

function sameStart(one: StartImageState, other: StartImageState): boolean {
  if (one.source !== other.source) return false;
  if (!one.source) return true;
  return (["fit", "strength", "mask", "feather"] as const).every((key) => one[key] === other[key]);
}
