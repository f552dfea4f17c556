import type { CSSProperties, ReactNode } from "react";
import { LatentCanvas } from "../outputs/LatentCanvas";
import { blobUrl } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import { shownRun } from "../runs/queue";
import { decodedKey, type Run } from "../runs/run";
import { useStore } from "../state/useStore";
import "./stage.css";
import { stageOf, stepNumber, totalSteps } from "../runs/steps";

/** The picture, as large as it fits; `empty` stands there before the first run. */
export function Stage({ empty }: { empty: ReactNode }) {
  const queue = useQueue();
  const state = useStore(queue.store, (queued) => queued);
  const run = shownRun(state);
  if (!run)
    return (
      <section className="stage" aria-label="Picture">
        {empty}
      </section>
    );
  const newest = run.steps.length - 1;
  const index = Math.min(state.step ?? newest, newest);
  const step = run.steps[index];
  const decoded = run.decoded[decodedKey(index, state.view)];
  const whole = index === newest ? (run.png ?? decoded) : decoded;
  const where = step ? `step ${stepNumber(step)} of ${totalSteps(step.stages)}` : "";
  const name = run.settings.prompt || "Picture without a prompt";
  return (
    <section className="stage" aria-label="Picture">
      <Frame ratio={run.settings.width / run.settings.height}>
        {step ? (
          <LatentCanvas
            latents={step[state.view]}
            preview={stageOf(step).preview}
            enlarged
            label={whole ? undefined : `Preview, ${where}`}
          />
        ) : (
          <p className="stage-text">{placeholder(run)}</p>
        )}
        {whole && (
          <img
            key={blobUrl(whole)}
            src={blobUrl(whole)}
            alt={whole === run.png ? name : `${name}, ${where}, decoded`}
          />
        )}
      </Frame>
    </section>
  );
}

function Frame({ ratio, children }: { ratio: number; children: ReactNode }) {
  return (
    <div className="frame" style={{ "--ratio": ratio } as CSSProperties}>
      {children}
    </div>
  );
}

function placeholder({ status }: Run): string {
  if (status === "queued") return "Queued";
  if (status === "running") return "Reading the prompt";
  if (status === "cancelled") return "Cancelled before the first step";
  return "Failed before the first step";
}
