import type { ModelSource, StoredModel } from "../../workers/protocol";
import { useQueue } from "../runs/context";
import { isOver } from "../runs/run";
import { useStore } from "../state/useStore";
import { formatBytes } from "../ui/format";
import { useModels, useShelf } from "./context";
import { TransferLine } from "./TransferLine";

/** Built-in models, folders of this visit, and what is kept in the browser, whole or on its way. */
export function StoredList({ onClose }: { onClose: () => void }) {
  const models = useModels();
  const shelf = useShelf();
  const queue = useQueue();
  const { list, id: current } = useStore(models.store, (state) => state);
  const { stored, transfers } = useStore(shelf.store, (state) => state);
  const running = useStore(queue.store, ({ runs }) => runs.some((run) => !isOver(run)));
  const kept = new Set(stored.map(({ id }) => id));
  const others = list.filter(({ id }) => !kept.has(id));
  const copies = Object.entries(transfers).filter(([id]) => !kept.has(id));

  const use = (id: string, title: string) =>
    id === current ? (
      <span className="models-current">In use</span>
    ) : (
      <button
        type="button"
        className="button"
        aria-label={`Use ${title}`}
        disabled={running}
        onClick={() => {
          void models.load(id);
          onClose();
        }}
      >
        Use
      </button>
    );

  return (
    <section aria-label="Models that are here">
      <ul className="models-list">
        {others.map(({ id, title, source }) => (
          <li key={id}>
            <div className="models-name">
              <strong>{title}</strong>
              <span>{placeOf(source)}</span>
            </div>
            <div className="models-actions">
              {use(id, title)}
              {source && "url" in source && (
                <button
                  type="button"
                  className="button"
                  aria-label={`Forget ${title}`}
                  disabled={id === current}
                  onClick={() => shelf.forgetAddress(id)}
                >
                  Forget
                </button>
              )}
            </div>
          </li>
        ))}
        {stored.map((model) => (
          <li key={model.id}>
            <div className="models-name">
              <strong>{model.title}</strong>
              <span>{figures(model)}</span>
            </div>
            <div className="models-actions">
              <StoredActions model={model} underWay={model.id in transfers} use={use} current={model.id === current} />
            </div>
            {transfers[model.id] && <TransferLine title={model.title} transfer={transfers[model.id]} />}
          </li>
        ))}
        {copies.map(([id, transfer]) => (
          <li key={id}>
            <strong>{id}</strong>
            <TransferLine title={id} transfer={transfer} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function placeOf(source: ModelSource | undefined): string {
  if (!source) return "Built in";
  return "url" in source ? new URL(source.url).pathname : "On your disk, until the page is closed";
}

interface ActionsProps {
  model: StoredModel;
  underWay: boolean;
  current: boolean;
  use: (id: string, title: string) => React.ReactNode;
}

function StoredActions({ model, underWay, current, use }: ActionsProps) {
  const shelf = useShelf();
  const { id, title, bytes, storedBytes, offer } = model;
  const button = (label: string, onClick: () => void, disabled = false) => (
    <button type="button" className="button" aria-label={`${label} ${title}`} disabled={disabled} onClick={onClick}>
      {label}
    </button>
  );
  if (underWay) return button("Pause", () => shelf.pause(id));
  return (
    <>
      {storedBytes === bytes ? use(id, title) : offer && button("Resume", () => void shelf.download(offer))}
      {storedBytes === bytes && button("Check", () => void shelf.check(id))}
      {button("Delete", () => void shelf.remove(id), current)}
    </>
  );
}

function figures({ bytes, storedBytes, license, offer }: StoredModel): string {
  const size = storedBytes === bytes ? formatBytes(bytes) : `${formatBytes(storedBytes)} of ${formatBytes(bytes)} here`;
  return [size, license ?? (offer ? "No licence named" : "Copied from a folder")].join(" · ");
}
