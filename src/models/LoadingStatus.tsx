import { useSession } from "../runs/context";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { formatBytes, formatTimeLeft } from "../ui/format";
import { WarningIcon } from "../ui/icons";
import { useOnline } from "../ui/useOnline";
import { useModels } from "./context";
import type { Loading } from "./loading";

/** The status line while there is no model: bytes, percent, speed, time left and a way out; or why there is none. */
export function LoadingStatus({ loading }: { loading: Exclude<Loading, { kind: "ready" }> }) {
  const models = useModels();
  const session = useSession();
  const form = useForm();
  const { list, id } = useStore(models.store, (state) => state);
  const waiting = useStore(session, (state) => state.waiting.length);
  const title = list.find((model) => model.id === id)?.title ?? "the model";
  const builtIn = list.find(({ source }) => !source);
  const online = useOnline();

  if (loading.kind === "failed" || loading.kind === "cancelled") {
    const again = () => void (id ? models.load(id) : models.open(form.get().model));
    return (
      <div className="status">
        <p className={`status-text ${loading.kind === "failed" ? "status-failure" : ""}`}>
          {loading.kind === "failed" && <WarningIcon />}
          <span>{loading.kind === "failed" ? loading.error.message : `${title} is not loaded.`}</span>
        </p>
        <div className="status-actions">
          {loading.kind === "failed" && loading.error.name === "DeviceUnavailable" && models.device !== "cpu" && (
            <a className="button" href="?device=cpu">
              Use the CPU
            </a>
          )}
          {loading.kind === "failed" && loading.error.name === "StorageUnavailable" && builtIn && (
            <button type="button" className="button" onClick={() => void models.load(builtIn.id)}>
              {`Load ${builtIn.title}`}
            </button>
          )}
          <button type="button" className="button" onClick={again}>
            {loading.kind === "failed" ? "Load again" : "Load the model"}
          </button>
        </div>
      </div>
    );
  }

  const progress = loading.kind === "loading" ? loading.progress : null;
  const share = progress && progress.totalBytes > 0 ? progress.loadedBytes / progress.totalBytes : 0;
  return (
    <div className="status">
      <div
        className="progress"
        role="progressbar"
        aria-label="Loading the model"
        aria-valuemin={0}
        aria-valuemax={100}
        aria-valuenow={Math.round(share * 100)}
      >
        <div style={{ transform: `scaleX(${share})` }} />
      </div>
      <p className="status-text">
        <strong>{heading(loading, title, online)}</strong>
        <span>{figures(loading)}</span>
        {waiting > 0 && <span>{waiting === 1 ? "1 picture is waiting" : `${waiting} pictures are waiting`}</span>}
      </p>
      <div className="status-actions">
        <button type="button" className="button" onClick={models.cancel}>
          Cancel loading
        </button>
      </div>
    </div>
  );
}

function heading(loading: Loading, title: string, online: boolean): string {
  const stage = loading.kind === "loading" ? loading.progress?.stage : undefined;
  if (!online && stage === "fetch") return `Waiting for the network to load ${title}`;
  if (stage === "verify") return `Checking ${title}`;
  if (stage === "session") return `Preparing ${title}`;
  return `Loading ${title}`;
}

function figures(loading: Loading): string {
  if (loading.kind !== "loading" || !loading.progress) return "";
  const { stage, loadedBytes, totalBytes } = loading.progress;
  if (stage === "session" || totalBytes === 0) return "";
  const parts = [
    `${formatBytes(loadedBytes)} of ${formatBytes(totalBytes)}`,
    `${Math.floor((loadedBytes / totalBytes) * 100)} %`,
  ];
  const speed = loading.bytesPerSecond;
  if (stage === "fetch" && speed)
    parts.push(`${formatBytes(speed)}/s`, formatTimeLeft(((totalBytes - loadedBytes) / speed) * 1000));
  return parts.map((part) => part.replaceAll(" ", "\u00a0")).join(" · "); // breaks between the figures only
}
