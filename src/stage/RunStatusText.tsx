import type { LoadProgress } from "../../workers/protocol";
import { millisecondsPerStep, progressOf, type Run, samplerName } from "../runs/run";
import { stepNumber } from "../runs/steps";
import { BranchOf } from "../timeline/BranchOf";
import { formatBytes, formatSeconds, formatTimeLeft } from "../ui/format";
import { WarningIcon } from "../ui/icons";

/** Where the run stands, in one or two short lines. */
export function RunStatusText({ run, step, error }: { run: Run; step: number | null; error: string | null }) {
  if (error) return <Failure text={error} />;
  if (run.status === "failed") return <Failure text={run.error?.message ?? ""} after={progressOf(run).done} />;
  const { done, total } = progressOf(run);
  if (run.status === "running") {
    const each = millisecondsPerStep(run.steps);
    const { fetching } = run;
    const parts =
      done === total
        ? ["Decoding the picture"]
        : each === null
          ? [fetching ? fetchingText(fetching) : `Step 0 of ${total}`]
          : [`${formatSeconds(each)} a step`, formatTimeLeft(each * (total - done))];
    return (
      <p className="status-text">
        {each !== null && <strong>{`Step ${done} of ${total}`}</strong>}
        <span>{parts.join(" · ")}</span>
      </p>
    );
  }
  const scrubbed = step === null ? undefined : run.steps[step];
  if (scrubbed)
    return (
      <p className="status-text">
        <strong>{`Step ${stepNumber(scrubbed)} of ${total}`}</strong>
        <span>{`timestep ${Math.round(scrubbed.timestep)} · sigma ${scrubbed.sigma.toPrecision(3)}`}</span>
      </p>
    );
  return (
    <p className="status-text">
      <strong>{heading(run)}</strong>
      <span>{settingsLine(run)}</span>
      <BranchOf run={run} />
    </p>
  );
}

function Failure({ text, after }: { text: string; after?: number }) {
  return (
    <p className="status-text status-failure">
      <WarningIcon />
      <span>
        {after !== undefined && <strong>{after === 0 ? "Failed. " : `Failed after step ${after}. `}</strong>}
        {text}
      </span>
    </p>
  );
}

function fetchingText({ loadedBytes, totalBytes }: LoadProgress): string {
  return `Loading the image encoder: ${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`;
}

function heading(run: Run): string {
  if (run.status === "done" && run.result) {
    const { timings, peakMemory } = run.result;
    return `Done in ${formatSeconds(timings.total)}, at most ${formatBytes(peakMemory)} of memory`;
  }
  if (run.status === "cancelled") {
    const { done, total } = progressOf(run);
    return `Cancelled after step ${done} of ${total}`;
  }
  return "Queued";
}

function settingsLine({ settings, model, result }: Run): string {
  const sampler = samplerName(model.samplers, settings.sampler);
  const { seed, steps, guidanceScale } = settings;
  const { width, height } = result?.output.picture ?? settings;
  return `seed ${seed} · ${sampler} · ${steps} steps · guidance ${guidanceScale} · ${width} × ${height}`;
}
