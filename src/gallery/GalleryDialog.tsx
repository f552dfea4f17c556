import { useCallback, useDeferredValue, useEffect, useMemo, useState } from "react";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { Compare } from "./Compare";
import { useGallery } from "./context";
import { GalleryBar } from "./GalleryBar";
import { GalleryFoot } from "./GalleryFoot";
import { GalleryGrid } from "./GalleryGrid";
import { GalleryPicture } from "./GalleryPicture";
import "./gallery.css";
import { findPictures } from "../records/picture";

/** Every picture that was kept: searched, looked at, compared, used again, deleted. */
export function GalleryDialog({ onClose }: { onClose: () => void }) {
  const gallery = useGallery();
  const { status, records, problem } = useStore(gallery.store, (state) => state);
  const [search, setSearch] = useState("");
  const [model, setModel] = useState("");
  const [opened, setOpened] = useState<string | null>(null);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [comparing, setComparing] = useState(false);
  const typed = useDeferredValue(search);
  const found = useMemo(() => findPictures(records, typed, model), [records, typed, model]);
  const shown = records.find(({ id }) => id === opened);
  const picked = chosen.flatMap((id) => records.filter((record) => record.id === id));

  useEffect(() => {
    void gallery.refreshUsage();
    // What was deleted can be brought back until the gallery is closed.
    return () => void gallery.settle();
  }, [gallery]);

  const toggle = useCallback(
    (id: string) => setChosen((ids) => (ids.includes(id) ? ids.filter((one) => one !== id) : [...ids, id])),
    [],
  );

  if (comparing && picked.length === 2)
    return (
      <Modal title="Compare" className="gallery" onClose={onClose}>
        <Compare first={picked[0]} second={picked[1]} onBack={() => setComparing(false)} />
      </Modal>
    );
  if (shown)
    return (
      <Modal title="Picture" className="gallery" onClose={onClose}>
        <GalleryPicture record={shown} onOpen={setOpened} onBack={() => setOpened(null)} onUsed={onClose} />
      </Modal>
    );
  return (
    <Modal title="Gallery" className="gallery" onClose={onClose}>
      <GalleryBar
        search={search}
        onSearch={setSearch}
        model={model}
        onModel={setModel}
        chosen={picked}
        onClear={() => setChosen([])}
        onCompare={() => setComparing(true)}
      />
      {problem && <p className="gallery-problem">{problem}</p>}
      {status === "opening" && <p className="gallery-empty">Opening the gallery.</p>}
      {status === "ready" && records.length === 0 && (
        <p className="gallery-empty">Every picture that is finished is kept here. There is none yet.</p>
      )}
      {records.length > 0 && found.length === 0 && (
        <p className="gallery-empty">No picture's prompt has these words. Search for fewer, or choose all models.</p>
      )}
      {/* Another search begins at the top again: hundreds of tiles that were scrolled to must not be drawn anew at once. */}
      <GalleryGrid key={`${model}\n${typed}`} records={found} chosen={chosen} onToggle={toggle} onOpen={setOpened} />
      <GalleryFoot />
    </Modal>
  );
}
