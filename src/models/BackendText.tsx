import type { Backend } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { useModels } from "./context";

/** What the engine runs on, in a few words. */
export function BackendText() {
  const models = useModels();
  const { loading } = useStore(models.store, (state) => state);
  const backend = loading.kind === "ready" ? loading.info.backend : null;
  const none = loading.kind === "failed" || loading.kind === "cancelled" ? "No model is loaded" : "Choosing GPU or CPU";
  return (
    <p className="backend" title={backend?.kind === "cpu" ? backend.reason : undefined}>
      {backend ? describeBackend(backend) : none}
    </p>
  );
}

export function describeBackend(backend: Backend): string {
  if (backend.kind === "cpu") return `CPU, ${backend.threads === 1 ? "1 thread" : `${backend.threads} threads`}`;
  return `WebGPU, ${backend.adapter}${backend.software ? " (software)" : ""}`;
}
