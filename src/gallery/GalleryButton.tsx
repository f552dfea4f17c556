import { useState } from "react";
import { createPortal } from "react-dom";
import { useStore } from "../state/useStore";
import { GalleryIcon } from "../ui/icons";
import { useGallery } from "./context";
import { GalleryDialog } from "./GalleryDialog";

export function GalleryButton() {
  const gallery = useGallery();
  const count = useStore(gallery.store, ({ records }) => records.length);
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" className="text-button" aria-haspopup="dialog" onClick={() => setOpen(true)}>
        <GalleryIcon />
        {count > 0 ? `Gallery (${count})` : "Gallery"}
      </button>
      {open && createPortal(<GalleryDialog onClose={() => setOpen(false)} />, document.body)}
    </>
  );
}
