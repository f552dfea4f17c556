import type { Backend } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { modelInfo } from "./loading";

/** What the engine runs on, in a few words. */
export function BackendText() {
  const { models } = useDarkroom();
  const backend = useStore(models.store, modelInfo)?.backend;
  return (
    <p className="backend" title={backend?.kind === "cpu" ? backend.reason : undefined}>
      {backend ? describeBackend(backend) : "Choosing GPU or CPU"}
    </p>
  );
}

export function describeBackend(backend: Backend): string {
  if (backend.kind === "cpu") return `CPU, ${backend.threads === 1 ? "1 thread" : `${backend.threads} threads`}`;
  return `WebGPU, ${backend.adapter}${backend.software ? " (software)" : ""}`;
}
