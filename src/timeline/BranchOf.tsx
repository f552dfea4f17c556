import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { stepNumber } from "../runs/steps";
import { useStore } from "../state/useStore";
import "./branch.css";

/** Where a run branched off, and the way there; nothing for a run without a parent in this visit. */
export function BranchOf({ run: { parent } }: { run: Run }) {
  const queue = useQueue();
  const run = useStore(queue.store, ({ runs }) => runs.find(({ id }) => id === parent?.id));
  if (!parent || !run) return null;
  return (
    <button
      type="button"
      className="text-button branch-of"
      onClick={() => {
        queue.pick(parent.id);
        queue.scrub(run.steps.findIndex((step) => stepNumber(step) === parent.step + 1));
      }}
    >
      {`branch of picture ${run.number} from step ${parent.step + 1}`}
    </button>
  );
}
