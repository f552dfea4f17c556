import { useState } from "react";
import { createPortal } from "react-dom";
import { useLoras } from "../loras/context";
import { useStore } from "../state/useStore";
import { ModelIcon } from "../ui/icons";
import { useShelf } from "./context";
import { ModelsDialog } from "./ModelsDialog";

export function ModelsButton() {
  const shelf = useShelf();
  const loras = useLoras();
  const active = useStore(shelf.store, ({ transfers }) => Object.keys(transfers).length);
  const dropped = useStore(loras.store, (state) => state.dropped);
  const [open, setOpen] = useState(false);
  const close = () => {
    loras.seen();
    setOpen(false);
  };
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <ModelIcon />
        {active > 0 ? `Models (${active} under way)` : "Models"}
      </button>
      {(open || dropped) && createPortal(<ModelsDialog onClose={close} />, document.body)}
    </>
  );
}
