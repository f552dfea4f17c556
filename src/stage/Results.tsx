import { LatentCanvas } from "../outputs/LatentCanvas";
import { blobUrl } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { stageOf } from "../runs/steps";
import { useStore } from "../state/useStore";
import { BranchIcon, CloseIcon, WarningIcon } from "../ui/icons";
import "./results.css";
import type { Run } from "../runs/run";

/** The pictures of this visit, newest first, and what waits for its turn. */
export function Results() {
  const queue = useQueue();
  const state = useStore(queue.store, (queued) => queued);
  const shown = shownRun(state);
  if (state.runs.length < 2) return null;
  return (
    <ul className="results" aria-label="Pictures of this visit">
      {state.runs.toReversed().map((run) => (
        <li key={run.id} className={`result ${run.status}`}>
          <button
            type="button"
            className="result-pick"
            aria-current={run === shown}
            aria-label={nameOf(run, state.runs)}
            title={run.settings.prompt}
            onClick={() => queue.pick(run.id)}
          >
            <Thumbnail run={run} />
            {run.parent && (
              <span className="result-branch">
                <BranchIcon />
              </span>
            )}
          </button>
          {run.status === "queued" && (
            <button
              type="button"
              className="result-remove"
              aria-label={`Remove from the queue: ${run.settings.prompt || "without a prompt"}, seed ${run.settings.seed}`}
              onClick={() => queue.remove(run.id)}
            >
              <CloseIcon />
            </button>
          )}
        </li>
      ))}
    </ul>
  );
}

function Thumbnail({ run }: { run: Run }) {
  if (run.png) return <img src={blobUrl(run.png)} alt="" />;
  const last = run.steps.at(-1);
  return (
    <>
      {last && <LatentCanvas latents={last.denoised} preview={stageOf(last).preview} />}
      {run.status === "failed" ? <WarningIcon /> : run.status === "queued" && <span>Queued</span>}
    </>
  );
}

const STATUS_WORDS: Record<Run["status"], string> = {
  queued: "queued",
  running: "running",
  done: "finished",
  cancelled: "cancelled",
  failed: "failed",
};

function nameOf({ number, status, settings, parent }: Run, runs: readonly Run[]): string {
  const of = runs.find(({ id }) => id === parent?.id);
  const branch = of ? `, branch of ${of.number}` : "";
  return `Show ${number}, ${STATUS_WORDS[status]}${branch}: ${settings.prompt || "without a prompt"}, seed ${settings.seed}`;
}
