import { useState } from "react";
import { createPortal } from "react-dom";
import type { Run } from "../runs/run";
import { SaveDialog } from "./SaveDialog";

/** Opens the save dialog for the step that is looked at; the last one is the picture itself. */
export function SaveButton({ run, place }: { run: Run; place: number }) {
  const [open, setOpen] = useState(false);
  if (place < 0) return null;
  return (
    <>
      <button type="button" className="button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        Save as
      </button>
      {open && createPortal(<SaveDialog run={run} place={place} onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
