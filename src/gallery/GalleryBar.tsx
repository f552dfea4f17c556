import { useId } from "react";
import type { PictureRecord } from "../records/picture";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { useGallery } from "./context";

interface GalleryBarProps {
  search: string;
  onSearch: (text: string) => void;
  /** empty is all */
  model: string;
  onModel: (id: string) => void;
  chosen: readonly PictureRecord[];
  onClear: () => void;
  onCompare: () => void;
}

/** Above the grid: what is looked for, and what is done with the chosen ones. */
export function GalleryBar({ search, onSearch, model, onModel, chosen, onClear, onCompare }: GalleryBarProps) {
  const gallery = useGallery();
  const { records, deleted } = useStore(gallery.store, (state) => state);
  const models = [...new Map(records.map((record) => [record.model.id, record.model.title]))];
  const id = useId();
  return (
    <div className="gallery-bar">
      <input
        type="search"
        dir="auto"
        className="gallery-search"
        aria-label="Search the prompts"
        placeholder="Search the prompts"
        value={search}
        onChange={(event) => onSearch(event.target.value)}
      />
      {models.length > 1 && (
        <div className="select">
          <label className="visually-hidden" htmlFor={`${id}-model`}>
            Model
          </label>
          <select id={`${id}-model`} value={model} onChange={(event) => onModel(event.target.value)}>
            <option value="">All models</option>
            {models.map(([one, title]) => (
              <option key={one} value={one}>
                {title}
              </option>
            ))}
          </select>
          <ChevronIcon />
        </div>
      )}
      {chosen.length > 0 && (
        <>
          <button type="button" className="button" disabled={chosen.length !== 2} onClick={onCompare}>
            Compare
          </button>
          <button
            type="button"
            className="button"
            onClick={() => {
              void gallery.remove(chosen.map((record) => record.id));
              onClear();
            }}
          >
            {`Delete ${chosen.length}`}
          </button>
          <button type="button" className="button" onClick={onClear}>
            Choose none
          </button>
        </>
      )}
      <p className="gallery-undo" role="status">
        {deleted.length > 0 && (
          <>
            {deleted.length === 1 ? "1 picture deleted." : `${deleted.length} pictures deleted.`}
            <button type="button" className="button" onClick={() => void gallery.undo()}>
              Undo
            </button>
          </>
        )}
      </p>
    </div>
  );
}
