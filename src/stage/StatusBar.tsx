import type { ReactNode } from "react";
import { useModels } from "../models/context";
import { LoadingStatus } from "../models/LoadingStatus";
import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { progressOf, type Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { useBranching } from "../timeline/context";
import { RunActions } from "./RunActions";
import { RunStatusText } from "./RunStatusText";
import "./status.css";

interface Props {
  /** before the first run */
  emptyText: ReactNode;
  emptyActions: ReactNode;
}

/** Between the picture and the strip: a line that says what is going on, and a row of what can be done with it. */
export function StatusBar({ emptyText, emptyActions }: Props) {
  const queue = useQueue();
  const models = useModels();
  const branching = useBranching();
  const state = useStore(queue.store, (queued) => queued);
  const loading = useStore(models.store, (model) => model.loading);
  const refusal = useStore(branching.store, ({ refusal }) => refusal);
  const run = shownRun(state);
  return (
    <>
      {loading.kind !== "ready" ? (
        <LoadingStatus loading={loading} />
      ) : (
        <div className="status">
          {run?.status === "running" && <Denoising run={run} />}
          {run ? <RunStatusText run={run} step={state.step} error={refusal ?? state.decodeError} /> : emptyText}
        </div>
      )}
      <div className="run-actions">{run ? loading.kind === "ready" && <RunActions run={run} /> : emptyActions}</div>
    </>
  );
}

function Denoising({ run }: { run: Run }) {
  const { done, total } = progressOf(run);
  return (
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
  );
}
