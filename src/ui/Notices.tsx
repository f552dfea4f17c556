import { useState, useSyncExternalStore } from "react";
import type { ModelInfo } from "../../workers/protocol";
import { isOver } from "../develop/run";
import { modelInfo } from "../models/loading";
import { applyUpdate, getOfflineState, subscribeOffline } from "../offline";
import { useStore } from "../state/useStore";
import { useDarkroom } from "./context";
import { CloseIcon } from "./icons";

interface Notice {
  id: string;
  text: string;
  action?: { label: string; run: () => void };
}

/** Short sentences above the prompt: what is unusual today, and what it means. Each can be put away. */
export function Notices() {
  const { models, session, queue, device } = useDarkroom();
  const info = useStore(models.store, modelInfo);
  const restart = useStore(session, (state) => state.restart);
  const online = useOnline();
  const { updateReady } = useSyncExternalStore(subscribeOffline, getOfflineState);
  const busy = useStore(queue.store, ({ runs }) => runs.some((run) => !isOver(run)));
  const [away, setAway] = useState<readonly string[]>([]);
  const notices: Notice[] = [];
  if (restart !== "none")
    notices.push({
      id: `restart ${restart}`,
      text:
        restart === "under way"
          ? "The engine stopped. A new one is starting and goes on from the last step."
          : "The engine stopped and was started again. Nothing was lost.",
    });
  if (!online) notices.push({ id: "offline", text: "Offline. Everything that is loaded keeps working." });
  if (updateReady)
    notices.push({
      id: "update",
      text: `A new version of Darkroom is ready. ${busy ? "It can be taken once the pictures are done." : "The page loads again; download what you want to keep."}`,
      ...(busy ? {} : { action: { label: "Update", run: applyUpdate } }),
    });
  const slow = info && whySlow(info, device === "cpu");
  if (slow) notices.push({ id: "slow", text: slow });
  const shown = notices.filter(({ id }) => !away.includes(id));
  return (
    <div className="notices" role="status">
      {shown.map(({ id, text, action }) => (
        <p key={id} className="notice">
          <span>{text}</span>
          {action && (
            <button type="button" className="button" onClick={action.run}>
              {action.label}
            </button>
          )}
          <button
            type="button"
            className="icon-button"
            aria-label="Dismiss"
            onClick={() => setAway((ids) => [...ids, id])}
          >
            <CloseIcon />
          </button>
        </p>
      ))}
    </div>
  );
}

/** Says it when the GPU or the threads are missing, unless the CPU was asked for. */
function whySlow({ backend }: ModelInfo, forced: boolean): string | null {
  if (backend.kind !== "cpu") return null;
  const threads = crossOriginIsolated
    ? ""
    : " Without SharedArrayBuffer it has one thread, several times slower: reload the page once, or serve it with npm start.";
  if (forced) return threads ? `Runs on the CPU.${threads}` : null;
  const reason = backend.reason ? `${backend.reason.replace(/\.$/, "")}.` : "This browser offers no WebGPU.";
  return `${reason} Pictures are made on the CPU instead: the same pictures, only slower.${threads}`;
}

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      addEventListener("online", listener);
      addEventListener("offline", listener);
      return () => {
        removeEventListener("online", listener);
        removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
  );
}
