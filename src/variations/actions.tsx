import type { RunAction } from "../actions/action";
import { BatchDialog, batchOf } from "./BatchDialog";
import { MoreDialog } from "./MoreDialog";

/** The pictures that were asked for together, side by side. */
export const batchAction: RunAction = {
  name: "batch",
  place: "run",
  label: ({ run, queue }) => `All ${batchOf(run, queue.runs).length}`,
  opensDialog: true,
  predicate: ({ run, queue }) => batchOf(run, queue.runs).length > 1,
  perform: ({ run, show }) => show((close) => <BatchDialog run={run} onClose={close} />),
};

/** What can be made of a finished picture. */
export const varyAction: RunAction = {
  name: "vary",
  place: "run",
  label: "Vary or upscale",
  opensDialog: true,
  predicate: ({ run }) => run.status === "done",
  perform: ({ run, show }) => show((close) => <MoreDialog run={run} onClose={close} />),
};
