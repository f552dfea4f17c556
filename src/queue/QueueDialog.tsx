import { type KeyboardEvent, useRef } from "react";
import { flushSync } from "react-dom";
import { useQueue, useSession } from "../runs/context";
import type { Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { useNotifications } from "./context";
import { QueueItem } from "./QueueItem";
import "./queue.css";
import { inOrder, timesLeft } from "./time-left";

/** The running and the queued runs: their order, the time left, and the way to cancel them. */
export function QueueDialog({ onClose }: { onClose: () => void }) {
  const queue = useQueue();
  const notifications = useNotifications();
  const session = useSession();
  const unloaded = useStore(session, (state) => state.waiting.length);
  const { runs, otherTab } = useStore(queue.store, (state) => state);
  const { wanted, problem } = useStore(notifications.store, (state) => state);
  const list = useRef<HTMLOListElement>(null);
  const open = inOrder(runs);
  const times = timesLeft(runs);
  const waiting = open.filter(({ status }) => status === "queued").map(({ id }) => id);

  const move = (run: Run, by: number) => {
    const focused = document.activeElement as HTMLElement | null;
    flushSync(() => queue.move(run.id, by));
    focused?.focus(); // a row that is put elsewhere loses it
  };
  const onKeyDown = (event: KeyboardEvent, run: Run) => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || !event.altKey) return;
    event.preventDefault();
    move(run, by);
  };
  const remove = (run: Run) => {
    if (run.status === "running") queue.skip();
    else queue.remove(run.id);
    // The button is gone with its row: the list keeps the focus in the dialog.
    list.current?.focus();
  };

  return (
    <Modal title="Queue" className="queue" onClose={onClose}>
      {otherTab && <p className="queue-note">Another tab is generating. Runs in this tab start when it finishes.</p>}
      {unloaded > 0 && (
        <p className="queue-note">
          {unloaded === 1 ? "1 picture is waiting for the model." : `${unloaded} pictures are waiting for the model.`}
        </p>
      )}
      {open.length + unloaded === 0 && <p className="queue-note">The queue is empty.</p>}
      <ol className="queue-list" aria-label="Runs" ref={list} tabIndex={-1}>
        {open.map((run) => (
          <QueueItem
            key={run.id}
            run={run}
            left={times.get(run.id)}
            place={waiting.indexOf(run.id)}
            last={waiting.length - 1}
            onMove={(by) => move(run, by)}
            onRemove={() => remove(run)}
            onKeyDown={(event) => onKeyDown(event, run)}
          />
        ))}
      </ol>
      <div className="queue-foot">
        <label className="check">
          <input type="checkbox" checked={wanted} onChange={(event) => void notifications.want(event.target.checked)} />
          <span>Notify me when a long run ends while this page is hidden</span>
        </label>
        {open.length + unloaded > 0 && (
          <button
            type="button"
            className="button"
            onClick={() => {
              session.set({ waiting: [] });
              queue.cancelAll();
            }}
          >
            Cancel all
          </button>
        )}
      </div>
      <p className="queue-note" role="status">
        {problem}
      </p>
    </Modal>
  );
}
