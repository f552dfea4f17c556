import type { NewRun } from "../runs/run";

/** What a run was asked for, from the moment that it is queued until it is over. Its steps are kept beside it. */
export interface UnfinishedRecord {
  /** the run's */
  id: string;
  /** the tab that it runs in, whose Web Lock tells whether it lives */
  tab: string;
  /** milliseconds since 1970 */
  created: number;
  model: { id: string; title: string };
  /** without `resume`: those steps are among the kept ones */
  asked: Omit<NewRun, "resume">;
}

/** All the keys of a run's steps. */
export function stepKeys(id: string, from = 0): IDBKeyRange {
  return IDBKeyRange.bound([id, from], [id, Number.POSITIVE_INFINITY]);
}
