import { useId } from "react";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { useStartImage } from "./context";
import { ExtendButton } from "./ExtendButton";
import type { Fit } from "./placement";
import { chooseStartImage } from "./StartImagePicker";
import "./start-image.css";

/** Among the settings: how the start image fills the size. The picture itself, its strength and its mask stand by the prompt. */
export function StartImageSection() {
  const startImage = useStartImage();
  const { source, fit, mask } = useStore(startImage.store, (start) => start);
  const id = useId();
  return (
    <div className="field start-image">
      <div className="start-image-head">
        <h2 className="start-image-title">Start image</h2>
        <button type="button" className="button" onClick={chooseStartImage}>
          {source ? "Replace" : "Choose"}
        </button>
      </div>
      {!source && <p className="start-image-hint">Or drop a picture on the page, or paste one.</p>}
      {source && (
        <>
          <label htmlFor={`${id}-fit`}>Size</label>
          <div className="select">
            <select
              id={`${id}-fit`}
              value={fit}
              onChange={({ target }) => startImage.change({ fit: target.value as Fit })}
            >
              <option value="crop">Crop to the size</option>
              <option value="fit">Fit whole into the size</option>
            </select>
            <ChevronIcon />
          </div>
          <ExtendButton />
          {mask && <p className="start-image-hint">Only the masked area is regenerated.</p>}
        </>
      )}
    </div>
  );
}
