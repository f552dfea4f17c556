import { useEffect } from "react";
import { LoraList } from "../loras/LoraList";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { Modal } from "../ui/Modal";
import { AddModel } from "./AddModel";
import { useModels, useShelf } from "./context";
import "./models.css";
import { modelInfo } from "./loading";
import { OpenAddress } from "./OpenAddress";
import { OpenFolder } from "./OpenFolder";
import { StoredList } from "./StoredList";

/** The models that are here, and the ways to get more. */
export function ModelsDialog({ onClose }: { onClose: () => void }) {
  const shelf = useShelf();
  const models = useModels();
  const { busy, word, failed, usage } = useStore(shelf.store, (state) => state);
  const model = useStore(models.store, (state) => state);
  useEffect(() => void shelf.refresh(), [shelf]);
  return (
    <Modal title="Models" className="models" onClose={onClose}>
      <p className={failed ? "models-word models-problem" : "models-word"} role="status">
        {busy ? `${busy}...` : word}
      </p>
      <StoredList onClose={onClose} />
      <AddModel />
      <OpenFolder onClose={onClose} />
      <OpenAddress onClose={onClose} />
      <LoraList
        model={model.id}
        info={modelInfo(model)}
        loading={model.loading.kind === "loading"}
        loadError={model.loading.kind === "failed" ? model.loading.error.message : null}
        onLoad={() => {
          void models.load(model.id);
          onClose();
        }}
      />
      {usage && (
        <p className="models-usage">
          {`${formatBytes(usage.used)} of ${formatBytes(usage.quota)} in use, ${formatBytes(Math.max(usage.quota - usage.used, 0))} free. `}
          {usage.persisted ? (
            "The browser keeps it until you clear it."
          ) : (
            <button type="button" className="text-button models-link" onClick={() => void shelf.persist()}>
              Ask the browser to keep everything
            </button>
          )}
        </p>
      )}
    </Modal>
  );
}
