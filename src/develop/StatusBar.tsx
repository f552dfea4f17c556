import { LoadingStatus } from "../models/LoadingStatus";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { shownRun } from "./queue";
import { RunActions } from "./RunActions";
import { RunStatusText } from "./RunStatusText";
import { progressOf } from "./run";
import "./status.css";
import { ViewSwitch } from "../timeline/ViewSwitch";

/** One line between the picture and the strip: what is going on, and what can be done with it. */
export function StatusBar() {
  const { queue, models, branching } = useDarkroom();
  const state = useStore(queue.store, (queued) => queued);
  const loading = useStore(models.store, (model) => model.loading);
  const refusal = useStore(branching.store, ({ refusal }) => refusal);
  const run = shownRun(state);
  if (loading.kind !== "ready") return <LoadingStatus loading={loading} />;
  if (!run) return <div className="status" />;
  const { done, total } = progressOf(run);
  return (
    <div className="status run-status">
      {run.status === "running" && (
        <div
          className="progress"
          role="progressbar"
          aria-label="Denoising"
          aria-valuemin={0}
          aria-valuemax={total}
          aria-valuenow={done}
          aria-valuetext={`Step ${done} of ${total}`}
        >
          <div style={{ transform: `scaleX(${done / total})` }} />
        </div>
      )}
      <RunStatusText run={run} step={state.step} error={refusal ?? state.decodeError} />
      {run.steps.length > 0 && <ViewSwitch />}
      <div className="run-actions">
        <RunActions run={run} />
      </div>
    </div>
  );
}
