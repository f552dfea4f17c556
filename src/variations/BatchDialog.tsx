import { LatentCanvas } from "../outputs/LatentCanvas";
import { blobUrl } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { stageOf } from "../runs/steps";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { MoreButtons } from "./MoreButtons";
import "./variations.css";

/** The runs that were asked for together with this one, itself among them. */
export function batchOf(run: Run, runs: readonly Run[]): Run[] {
  return runs.filter(({ batch }) => batch !== undefined && batch === run.batch);
}

/** The pictures that were asked for together, side by side, with what can be made of each. */
export function BatchDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  const queue = useQueue();
  const batch = batchOf(
    run,
    useStore(queue.store, ({ runs }) => runs),
  );
  return (
    <Modal title={`${batch.length} pictures asked for together`} className="batch" onClose={onClose}>
      <ul className="batch-grid">
        {batch.map((one) => (
          <li key={one.id}>
            <button
              type="button"
              className="batch-pick"
              aria-label={`Show picture ${one.number}`}
              onClick={() => {
                queue.pick(one.id);
                onClose();
              }}
            >
              <Look run={one} />
            </button>
            <div className="batch-actions">
              <MoreButtons run={one} onAsked={onClose} />
            </div>
          </li>
        ))}
      </ul>
    </Modal>
  );
}

function Look({ run }: { run: Run }) {
  if (run.png) return <img src={blobUrl(run.png)} alt="" />;
  const last = run.steps.at(-1);
  return last ? <LatentCanvas latents={last.denoised} preview={stageOf(last).preview} /> : <span>Queued</span>;
}
