import { useId, useState } from "react";
import type { Precision } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { useModels, useShelf } from "./context";
import { modelInfo } from "./loading";
import { Offer } from "./Offer";
import { STARTERS } from "./starters";

/** The starter list, and any other repository by its name. */
export function AddModel() {
  const shelf = useShelf();
  const models = useModels();
  const { busy, hub, offer } = useStore(shelf.store, (state) => state);
  const backend = useStore(models.store, modelInfo)?.backend;
  const half = backend?.kind === "webgpu" && backend.shaderF16;
  const precision: Precision = half ? "float16" : "float32";
  const [typed, setTyped] = useState("");
  const id = useId();
  const list = (name: string) => void shelf.list(name, precision);
  return (
    <section>
      <h3>From a hub</h3>
      <form
        className="models-add"
        onSubmit={(event) => {
          event.preventDefault();
          list(typed);
        }}
      >
        <label htmlFor={`${id}-name`}>Repository: owner/name, owner/name/folder, with @revision, or its address</label>
        <div>
          <input id={`${id}-name`} type="text" value={typed} onChange={(event) => setTyped(event.target.value)} />
          <button type="submit" className="button" disabled={typed.trim() === "" || busy !== ""}>
            List files
          </button>
        </div>
      </form>
      {offer && <Offer offer={offer} />}
      <p>
        {half
          ? "Your adapter has shader-f16: half-precision files are taken where there are any."
          : "Your device computes in single precision: those files are taken where there are any, at twice the size and memory; half-precision ones are converted as they run."}
      </p>
      <ul className="models-list">
        {STARTERS.map((starter) => (
          <li key={starter.repository}>
            <div className="models-name">
              <strong>{starter.title}</strong>
              <span>
                {`${starter.about} · about ${formatBytes(starter.bytes)} · needs about ${formatBytes(starter.bytes * 1.3)} of memory · ${starter.license}`}
                {starter.needsHalf && !half && " · half precision: slow on your device"}
              </span>
            </div>
            <div className="models-actions">
              <button
                type="button"
                className="button"
                aria-label={`List files of ${starter.title}`}
                disabled={busy !== ""}
                onClick={() => list(starter.repository)}
              >
                List files
              </button>
            </div>
          </li>
        ))}
      </ul>
      <details>
        <summary>Hub</summary>
        <div className="models-add">
          <label htmlFor={`${id}-hub`}>Address of the hub. A mirror must be served by this page's own host.</label>
          <div>
            <input id={`${id}-hub`} type="text" value={hub} onChange={(event) => shelf.setHub(event.target.value)} />
          </div>
        </div>
      </details>
    </section>
  );
}
