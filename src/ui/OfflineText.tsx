import { useSyncExternalStore } from "react";
import { modelInfo } from "../models/loading";
import { getOfflineState, subscribeOffline } from "../offline";
import { useStore } from "../state/useStore";
import { useDarkroom } from "./context";

/** Says so once the app and the model are on this machine. */
export function OfflineText() {
  const { models } = useDarkroom();
  const model = useStore(models.store, modelInfo);
  const { offlineReady } = useSyncExternalStore(subscribeOffline, getOfflineState);
  return model && offlineReady ? <p className="offline-text">Works offline</p> : null;
}
