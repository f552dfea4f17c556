import { useState } from "react";
import { createPortal } from "react-dom";
import type { Run } from "../runs/run";
import { Modal } from "../ui/Modal";
import { MoreButtons } from "./MoreButtons";
import "./variations.css";

/** Opens what can be made of a finished picture. */
export function MoreButton({ run }: { run: Run }) {
  const [open, setOpen] = useState(false);
  if (run.status !== "done") return null;
  const close = () => setOpen(false);
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Vary or upscale
      </button>
      {open &&
        createPortal(
          <Modal title="Vary or upscale" className="more" onClose={close}>
            <p>
              Again draws it from another seed. Variations turn its noise a little or a lot towards four others. Upscale
              goes on from its last step at twice the size.
            </p>
            <div className="batch-actions">
              <MoreButtons run={run} onAsked={close} />
            </div>
          </Modal>,
          document.body,
        )}
    </>
  );
}
