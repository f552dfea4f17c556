import { Fragment, type KeyboardEvent } from "react";
import { LatentCanvas } from "../outputs/LatentCanvas";
import { progressOf, type Run, samplerName } from "../runs/run";
import { stageOf } from "../runs/steps";
import { formatTimeLeft } from "../ui/format";

interface QueueItemProps {
  run: Run;
  /** milliseconds until it is done, once a step was measured */
  left: number | undefined;
  /** among the waiting ones; below 0 for the running one */
  place: number;
  last: number;
  onMove: (by: number) => void;
  onRemove: () => void;
  /** Alt with an arrow moves it, from any of its buttons */
  onKeyDown: (event: KeyboardEvent) => void;
}

export function QueueItem({ run, left, place, last, onMove, onRemove, onKeyDown }: QueueItemProps) {
  const { settings, model, steps, status } = run;
  const name = `${settings.prompt || "without a prompt"}, seed ${settings.seed}`;
  const sampler = samplerName(model.samplers, settings.sampler);
  const { done, total } = progressOf(run);
  const newest = steps.at(-1);
  const parts = [
    status === "running" ? `Step ${done} of ${total}` : done > 0 ? `Waiting, step ${done} of ${total}` : "Queued",
    left === undefined ? null : formatTimeLeft(left),
    `seed ${settings.seed}`,
    `${sampler}, ${total} steps`,
    `guidance ${settings.guidanceScale}`,
    `${settings.width} × ${settings.height}`,
  ];
  return (
    <li className="queue-item" onKeyDown={onKeyDown}>
      <div className="queue-thumbnail">
        {newest ? (
          <LatentCanvas latents={newest.denoised} preview={stageOf(newest).preview} />
        ) : (
          <StartOf run={run} place={place} />
        )}
      </div>
      <div className="queue-text">
        <p dir="auto" title={settings.prompt}>
          {settings.prompt || "Without a prompt"}
        </p>
        <p>
          {parts
            .filter((part) => part !== null)
            .map((part, index) => (
              <Fragment key={part}>
                {index > 0 && " · "}
                <span className="queue-part">{part}</span>
              </Fragment>
            ))}
        </p>
      </div>
      <div className="queue-actions">
        {status === "queued" && (
          <>
            <button
              type="button"
              className="button"
              aria-label={`Earlier: ${name}`}
              aria-keyshortcuts="Alt+ArrowUp"
              aria-disabled={place === 0}
              onClick={() => onMove(-1)}
            >
              Up
            </button>
            <button
              type="button"
              className="button"
              aria-label={`Later: ${name}`}
              aria-keyshortcuts="Alt+ArrowDown"
              aria-disabled={place === last}
              onClick={() => onMove(1)}
            >
              Down
            </button>
          </>
        )}
        <button type="button" className="button" aria-label={`Cancel: ${name}`} onClick={onRemove}>
          Cancel
        </button>
      </div>
    </li>
  );
}

/** What a run has to show before its first step: the picture that it starts from, or its place among those that wait. */
function StartOf({ run: { image }, place }: { run: Run; place: number }) {
  if (!image) return place >= 0 && <span aria-hidden="true">{place + 1}</span>;
  const { picture } = image;
  return (
    <canvas
      ref={(canvas) => {
        canvas?.getContext("2d")?.putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
      }}
      width={picture.width}
      height={picture.height}
    />
  );
}
