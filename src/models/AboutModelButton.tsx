import { useState } from "react";
import { createPortal } from "react-dom";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { AboutModel } from "./AboutModel";

/** Opens what the model's folder says of it. Nothing for a model that brings no concepts. */
export function AboutModelButton() {
  const { models } = useDarkroom();
  const concepts = useStore(models.store, (state) => state.concepts);
  const [open, setOpen] = useState(false);
  if (!concepts) return null;
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        What this model can draw
      </button>
      {open && createPortal(<AboutModel concepts={concepts} onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
