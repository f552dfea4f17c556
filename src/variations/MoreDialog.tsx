import type { Run } from "../runs/run";
import { Modal } from "../ui/Modal";
import { MoreButtons } from "./MoreButtons";
import "./variations.css";

/** What can be made of a finished picture. */
export function MoreDialog({ run, onClose }: { run: Run; onClose: () => void }) {
  return (
    <Modal title="Vary or upscale" className="more" onClose={onClose}>
      <p>
        Again draws it from another seed. Variations turn its noise a little or a lot towards four others. Upscale goes
        on from its last step at twice the size.
      </p>
      <div className="batch-actions">
        <MoreButtons run={run} onAsked={onClose} />
      </div>
    </Modal>
  );
}
