import type { RunAction } from "../actions/action";
import { CompareDialog, othersOf } from "./CompareDialog";

/** Compares a finished picture with another one of this visit; not offered while there is none. */
export const compareAction: RunAction = {
  name: "compare",
  place: "run",
  label: "Compare",
  opensDialog: true,
  predicate: ({ run, queue }) => run.png !== null && othersOf(run, queue.runs).length > 0,
  perform: ({ run, show }) => show((close) => <CompareDialog run={run} onClose={close} />),
};
