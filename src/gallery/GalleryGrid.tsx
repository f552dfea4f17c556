import { memo, useEffect, useRef, useState } from "react";
import type { PictureRecord } from "../records/picture";
import { useGallery } from "./context";
import { useFileUrl, useNear } from "./useFileUrl";

/** So many are added at a time: a thousand at once would hold up the page. */
const PORTION = 48;

interface GalleryGridProps {
  records: readonly PictureRecord[];
  chosen: readonly string[];
  onToggle: (id: string) => void;
  onOpen: (id: string) => void;
}

export function GalleryGrid({ records, chosen, onToggle, onOpen }: GalleryGridProps) {
  const [count, setCount] = useState(PORTION);
  const end = useRef<HTMLDivElement>(null);
  const near = useNear(end);
  const more = count < records.length;
  useEffect(() => {
    if (near && more) setCount((shown) => shown + PORTION);
  }); // after each portion again: the end may still be near
  return (
    <>
      <ul className="gallery-grid" aria-label="Kept pictures">
        {records.slice(0, count).map((record) => (
          <Tile
            key={record.id}
            record={record}
            chosen={chosen.includes(record.id)}
            onToggle={onToggle}
            onOpen={onOpen}
          />
        ))}
      </ul>
      <div ref={end} />
    </>
  );
}

interface TileProps {
  record: PictureRecord;
  chosen: boolean;
  onToggle: (id: string) => void;
  onOpen: (id: string) => void;
}

const Tile = memo(function Tile({ record, chosen, onToggle, onOpen }: TileProps) {
  const { id, settings } = record;
  const tile = useRef<HTMLLIElement>(null);
  const near = useNear(tile);
  const name = `${settings.prompt || "without a prompt"}, seed ${settings.seed}`;
  return (
    <li ref={tile} className={chosen ? "gallery-tile chosen" : "gallery-tile"}>
      <button type="button" aria-label={`Open: ${name}`} title={settings.prompt} onClick={() => onOpen(id)}>
        <Thumbnail id={id} wanted={near} />
      </button>
      <label className="gallery-choose">
        <input type="checkbox" checked={chosen} onChange={() => onToggle(id)} aria-label={`Choose: ${name}`} />
      </label>
    </li>
  );
});

export function Thumbnail({ id, wanted = true }: { id: string; wanted?: boolean }) {
  const gallery = useGallery();
  const url = useFileUrl(() => gallery.thumbnail(id), id, wanted);
  return url ? <img src={url} alt="" /> : null;
}
