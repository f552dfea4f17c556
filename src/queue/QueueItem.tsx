import type { KeyboardEvent } from "react";
import { LatentCanvas } from "../develop/LatentCanvas";
import { progressOf, type Run } from "../develop/run";
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
  const sampler = model.samplers.find(({ id }) => id === settings.sampler)?.label ?? settings.sampler;
  const { done, total } = progressOf(run);
  const newest = steps.at(-1);
  const parts = [
    status === "running" ? `Step ${done} of ${total}` : done > 0 ? `Waits at step ${done} of ${total}` : "Waits",
    left === undefined ? null : formatTimeLeft(left),
    `seed ${settings.seed}`,
    `${sampler}, ${total} steps`,
    `guidance ${settings.guidanceScale}`,
    `${settings.width} × ${settings.height}`,
  ];
  return (
    <li className="queue-item" onKeyDown={onKeyDown}>
      <div className="queue-thumbnail">{newest && <LatentCanvas latents={newest.denoised} map={model.preview} />}</div>
      <div className="queue-text">
        <p title={settings.prompt}>{settings.prompt || "Without a prompt"}</p>
        <p>{parts.filter(Boolean).join(" · ")}</p>
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
