import { LoadingStatus } from "../models/LoadingStatus";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { shownRun } from "./queue";
import { RunActions } from "./RunActions";
import { RunStatusText } from "./RunStatusText";
import "./status.css";
import { ViewSwitch } from "./ViewSwitch";

/** One line between the picture and the strip: what is going on, and what can be done with it. */
export function StatusBar() {
  const { queue, models } = useDarkroom();
  const state = useStore(queue.store, (queued) => queued);
  const loading = useStore(models.store, (model) => model.loading);
  const run = shownRun(state);
  if (loading.kind !== "ready") return <LoadingStatus loading={loading} />;
  if (!run) return <div className="status" />;
  return (
    <div className="status">
      {run.status === "running" && (
        <div
          className="progress"
          role="progressbar"
          aria-label="Denoising"
          aria-valuemin={0}
          aria-valuemax={run.settings.steps}
          aria-valuenow={run.steps.length}
          aria-valuetext={`Step ${run.steps.length} of ${run.settings.steps}`}
        >
          <div style={{ transform: `scaleX(${run.steps.length / run.settings.steps})` }} />
        </div>
      )}
      <RunStatusText run={run} step={state.step} error={state.decodeError} />
      <div className="status-actions">
        {run.steps.length > 0 && <ViewSwitch />}
        <RunActions run={run} />
      </div>
    </div>
  );
}
