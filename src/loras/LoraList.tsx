import { useRef } from "react";
import type { ModelInfo } from "../../workers/protocol";
import { useQueue } from "../runs/context";
import { isOver } from "../runs/run";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { useLoras } from "./context";
import { isApplied, type KeptLora, loraTitle } from "./loras";
import "./loras.css";

interface Props {
  /** id of the model that is chosen */
  model: string;
  /** null until it is loaded */
  info: ModelInfo | null;
  loading: boolean;
  /** why it could not be loaded */
  loadError: string | null;
  onLoad: () => void;
}

/** The LoRAs that are kept here, which of them the model in use shall hold, and how strongly. */
export function LoraList({ model, info, loading, loadError, onLoad }: Props) {
  const loras = useLoras();
  const queue = useQueue();
  const { list, problem } = useStore(loras.store, (state) => state);
  const running = useStore(queue.store, ({ runs }) => runs.some((run) => !isOver(run)));
  const input = useRef<HTMLInputElement>(null);
  return (
    <section aria-label="LoRAs">
      <h3>LoRA</h3>
      <p>A small file that teaches a model a style or a subject. It fits the kind of model that it was made for.</p>
      {loadError && list.length > 0 && <p className="models-problem">{loadError}</p>}
      <ul className="models-list">
        {list.map((lora) => (
          <li key={lora.name}>
            <LoraLine lora={lora} model={model} inUse={info?.loras?.some(({ name }) => name === lora.name) ?? false} />
          </li>
        ))}
      </ul>
      <div className="models-actions">
        <button type="button" className="button" onClick={() => input.current?.click()}>
          Add a LoRA
        </button>
        {list.length > 0 && !isApplied(list, info) && !loading && (
          <button type="button" className="button" disabled={running} onClick={onLoad}>
            Load the model with these
          </button>
        )}
        <input
          ref={input}
          type="file"
          hidden
          accept=".safetensors"
          aria-label="LoRA file"
          onChange={(event) => {
            const file = event.target.files?.[0];
            event.target.value = "";
            if (file) void loras.add(file, model);
          }}
        />
      </div>
      {problem && (
        <p className="models-problem" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function LoraLine({ lora, model, inUse }: { lora: KeptLora; model: string; inUse: boolean }) {
  const loras = useLoras();
  const { name, bytes, scale, models } = lora;
  const title = loraTitle(name);
  return (
    <>
      <label className="check models-name">
        <input
          type="checkbox"
          aria-label={`Use ${title}`}
          checked={models.includes(model)}
          onChange={({ target }) =>
            loras.change(name, {
              models: target.checked ? [...models, model] : models.filter((one) => one !== model),
            })
          }
        />
        <span>
          <strong>{title}</strong> {formatBytes(bytes)}
        </span>
      </label>
      <label className="lora-weight">
        Weight
        <input
          type="range"
          min={0}
          max={2}
          step={0.05}
          value={scale}
          aria-label={`Weight of ${title}`}
          onChange={({ target }) => loras.change(name, { scale: Number(target.value) })}
        />
        <output>{scale.toFixed(2)}</output>
      </label>
      <button
        type="button"
        className="button"
        aria-label={`Delete ${title}`}
        // The engine reads it again when it has to start anew.
        disabled={inUse}
        onClick={() => void loras.remove(name)}
      >
        Delete
      </button>
    </>
  );
}
