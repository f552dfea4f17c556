import { useState } from "react";
import { createPortal } from "react-dom";
import { LatentCanvas } from "../outputs/LatentCanvas";
import { blobUrl } from "../outputs/picture/png";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { stageOf } from "../runs/steps";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { MoreButtons } from "./MoreButtons";
import "./variations.css";

/** The pictures that were asked for together, side by side, with what can be made of each. */
export function GridButton({ run }: { run: Run }) {
  const queue = useQueue();
  const runs = useStore(queue.store, (state) => state.runs);
  const [open, setOpen] = useState(false);
  const batch = runs.filter((one) => one.batch !== undefined && one.batch === run.batch);
  if (batch.length < 2) return null;
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        {`All ${batch.length}`}
      </button>
      {open &&
        createPortal(
          <Modal title={`${batch.length} pictures asked for together`} className="batch" onClose={close}>
            <ul className="batch-grid">
              {batch.map((one) => (
                <li key={one.id}>
                  <button
                    type="button"
                    className="batch-pick"
                    aria-label={`Show picture ${one.number}`}
                    onClick={() => {
                      queue.pick(one.id);
                      close();
                    }}
                  >
                    <Look run={one} />
                  </button>
                  <div className="batch-actions">
                    <MoreButtons run={one} onAsked={close} />
                  </div>
                </li>
              ))}
            </ul>
          </Modal>,
          document.body,
        )}
    </>
  );
}

function Look({ run }: { run: Run }) {
  if (run.png) return <img src={blobUrl(run.png)} alt="" />;
  const last = run.steps.at(-1);
  return last ? <LatentCanvas latents={last.denoised} preview={stageOf(last).preview} /> : <span>Queued</span>;
}
