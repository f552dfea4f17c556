import { useState, useSyncExternalStore } from "react";
import type { ModelInfo } from "../../workers/protocol";
import { useGallery } from "../gallery/context";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { applyUpdate, getOfflineState, subscribeOffline } from "../offline/offline";
import { useQueue, useSession } from "../runs/context";
import { isOver } from "../runs/run";
import { useStore } from "../state/useStore";
import type { KeptTexts } from "../storage/browser";
import { useKept } from "../storage/context";
import { notKept } from "../storage/kept";
import { CloseIcon } from "../ui/icons";
import { useOnline } from "../ui/useOnline";

interface Notice {
  id: string;
  text: string;
  action?: { label: string; run: () => void };
}

const SLOW_SEEN = "darkroom.slow-notice-seen";

/** Short sentences above the prompt: what is unusual today, and what it means. Each can be put away. */
export function Notices({ storage }: { storage: KeptTexts | null }) {
  const models = useModels();
  const session = useSession();
  const queue = useQueue();
  const gallery = useGallery();
  const kept = useKept();
  const info = useStore(models.store, modelInfo);
  const restart = useStore(session, (state) => state.restart);
  const busy = useStore(queue.store, ({ runs }) => runs.some((run) => !isOver(run)));
  const otherTab = useStore(queue.store, (state) => state.otherTab);
  const removed = useStore(queue.store, (state) => state.removed);
  const started = useStore(queue.store, ({ runs }) => runs.length > 0);
  const unkept = useStore(gallery.store, ({ status, problem }) => (status === "blocked" ? null : problem));
  const keeps = useStore(kept, (state) => state);
  const { updateReady, blocked } = useSyncExternalStore(subscribeOffline, getOfflineState);
  const online = useOnline();
  const slow = info && whySlow(info, models.device === "cpu");
  const [away, setAway] = useState<readonly string[]>(() => (storage?.getItem(SLOW_SEEN) ? ["slow"] : []));

  const notices: Notice[] = [];
  if (restart === "under way")
    notices.push({ id: "restart", text: "The engine stopped. A new one is starting and goes on from the last step." });
  if (restart === "done")
    notices.push({ id: "restart", text: "The engine stopped and was started again. Nothing was lost." });
  if (otherTab && busy)
    notices.push({ id: "tab", text: "Another tab is generating. Runs in this tab start when it finishes." });
  if (removed.length > 0)
    notices.push({
      id: `removed ${removed[0].id}`,
      text: `Cancelled, and ${removed.length === 1 ? "1 queued run was" : `${removed.length} queued runs were`} removed.`,
      action: { label: "Put back", run: queue.putBack },
    });
  if (unkept && started) notices.push({ id: unkept, text: unkept });
  if (!online) notices.push({ id: "offline", text: "Offline. Everything that is loaded keeps working." });
  if (updateReady && busy)
    notices.push({ id: "update", text: "A new version of Darkroom is ready. Take it once the pictures are done." });
  if (updateReady && !busy)
    notices.push({
      id: "update",
      text: "A new version of Darkroom is ready. The page loads again; finished pictures stay in the gallery.",
      action: { label: "Update", run: applyUpdate },
    });
  const missing = notKept(keeps, isSecureContext, !blocked);
  if (missing) notices.push({ id: "not kept", text: missing });
  if (slow && !started) notices.push({ id: "slow", text: slow });
  for (const text of info?.notices ?? []) notices.push({ id: `${info?.id}: ${text}`, text });

  const putAway = (id: string) => {
    if (id === "restart") session.set({ restart: "none" });
    else setAway((ids) => [...ids, id]);
    if (id === "slow") storage?.setItem(SLOW_SEEN, "1");
  };
  return (
    <div className="notices" role="status">
      {notices
        .filter(({ id }) => !away.includes(id))
        .map(({ id, text, action }) => (
          <p key={id} className="notice">
            <span>{text}</span>
            {action && (
              <button type="button" className="button" onClick={action.run}>
                {action.label}
              </button>
            )}
            <button type="button" className="icon-button" aria-label="Dismiss" onClick={() => putAway(id)}>
              <CloseIcon />
            </button>
          </p>
        ))}
    </div>
  );
}

/** Says it when the GPU or the threads are missing; that the CPU was asked for needs no word. */
function whySlow({ backend }: ModelInfo, forced: boolean): string | null {
  // Over http another notice says all of it.
  if (!isSecureContext || backend.kind !== "cpu" || (forced && backend.threads > 1)) return null;
  const parts = [backend.reason];
  if (!forced) parts.push("Pictures are made on the CPU instead: the same pictures, only slower.");
  if (!crossOriginIsolated && self.origin !== "null")
    parts.push("For SharedArrayBuffer, and with it more threads, reload the page once or serve it with npm start.");
  return parts.filter(Boolean).join(" ");
}
