import { useId, useRef } from "react";
import { blobUrl } from "../develop/png";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { ChevronIcon, CloseIcon } from "../ui/icons";
import { ExtendButton } from "./ExtendButton";
import { MaskButton } from "./MaskButton";
import type { Fit } from "./placement";
import "./start-image.css";
import { startImageProblem } from "./start-image";

/** The picture to start from: chosen here, dropped on the page or pasted. */
export function StartImageSection() {
  const { startImage, models } = useDarkroom();
  const state = useStore(startImage.store, (start) => start);
  const info = useStore(models.store, modelInfo);
  const input = useRef<HTMLInputElement>(null);
  const id = useId();
  const { source, fit, strength, mask, error } = state;
  const problem = startImageProblem(state, info) ?? error;
  return (
    <section className="field start-image" aria-label="Start image">
      <div className="start-image-head">
        <h2 className="start-image-title">Start image</h2>
        <button type="button" className="button" onClick={() => input.current?.click()}>
          {source ? "Replace" : "Choose"}
        </button>
      </div>
      <input
        ref={input}
        type="file"
        accept="image/*"
        className="visually-hidden"
        aria-label="Start image file"
        tabIndex={-1}
        onChange={({ target }) => {
          const [file] = target.files ?? [];
          if (file) void startImage.take(file, file.name);
          target.value = "";
        }}
      />
      {!source && <p className="start-image-hint">Or drop a picture on the page, or paste one.</p>}
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {source && (
        <>
          <div className="start-image-shown">
            <img src={blobUrl(source.file)} alt={`Start image: ${source.name}`} />
            <button
              type="button"
              className="icon-button"
              aria-label="Remove the start image"
              onClick={startImage.remove}
            >
              <CloseIcon />
            </button>
          </div>
          <div className="field-row">
            <label htmlFor={`${id}-strength`}>Strength</label>
            <output htmlFor={`${id}-strength`}>{strength.toFixed(2)}</output>
          </div>
          <input
            id={`${id}-strength`}
            type="range"
            min={0.05}
            max={1}
            step={0.05}
            value={strength}
            style={{ "--share": (strength - 0.05) / 0.95 } as React.CSSProperties}
            onChange={({ target }) => startImage.store.set({ strength: Number(target.value) })}
          />
          <label htmlFor={`${id}-fit`}>Size</label>
          <div className="select">
            <select
              id={`${id}-fit`}
              value={fit}
              onChange={({ target }) => startImage.store.set({ fit: target.value as Fit })}
            >
              <option value="crop">Crop to the size</option>
              <option value="fit">Fit whole into the size</option>
            </select>
            <ChevronIcon />
          </div>
          <div className="start-image-buttons">
            <MaskButton />
            <ExtendButton />
          </div>
          {mask && <p className="start-image-hint">Only what is masked is made anew.</p>}
        </>
      )}
    </section>
  );
}
