import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { useStore } from "../state/useStore";
import { BranchIcon } from "../ui/icons";
import { branchRefusal } from "./branch-runs";
import { useBranching } from "./context";

/** Goes on from the step that is looked at with other settings. */
export function BranchButton() {
  const queue = useQueue();
  const branching = useBranching();
  const refusal = useStore(queue.store, (state) => {
    const run = shownRun(state);
    return branchRefusal(run, state.step ?? (run ? run.steps.length - 1 : -1));
  });
  return (
    <button
      type="button"
      className="button"
      aria-disabled={refusal !== null}
      title={refusal ?? "Go on from this step with other settings"}
      onClick={branching.begin}
    >
      <BranchIcon />
      Branch
    </button>
  );
}
