import { useState } from "react";
import { createPortal } from "react-dom";
import { useQueue, useSession } from "../runs/context";
import { isOver } from "../runs/run";
import { useStore } from "../state/useStore";
import { QueueIcon } from "../ui/icons";
import { QueueDialog } from "./QueueDialog";

export function QueueButton() {
  const queue = useQueue();
  const session = useSession();
  const unloaded = useStore(session, (state) => state.waiting.length);
  const open = unloaded + useStore(queue.store, ({ runs }) => runs.filter((run) => !isOver(run)).length);
  const [shown, setShown] = useState(false);
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={() => setShown(true)}>
        <QueueIcon />
        {open > 0 ? `Queue (${open})` : "Queue"}
      </button>
      {shown && createPortal(<QueueDialog onClose={() => setShown(false)} />, document.body)}
    </>
  );
}
