import { useSyncExternalStore } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useKept } from "../storage/context";
import { getOfflineState, subscribeOffline } from "./offline";

/** Says so once the app and the model are on this machine. */
export function OfflineText() {
  const models = useModels();
  const kept = useKept();
  const keepsModels = useStore(kept, (state) => state.models);
  const model = useStore(models.store, modelInfo);
  const { offlineReady } = useSyncExternalStore(subscribeOffline, getOfflineState);
  return model && keepsModels && offlineReady ? <p className="offline-text">Works offline</p> : null;
}
