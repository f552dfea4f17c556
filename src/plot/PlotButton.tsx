import { useState } from "react";
import { createPortal } from "react-dom";
import { PlotIcon } from "../ui/icons";
import { PlotDialog } from "./PlotDialog";

/** Opens the plots, from the footer. */
export function PlotButton() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <PlotIcon />
        X/Y/Z plot
      </button>
      {open && createPortal(<PlotDialog onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
