import { useCallback, useEffect, useRef, useState } from "react";
import type { Picture } from "../../workers/protocol";
import { useStore } from "../state/useStore";
import { Modal } from "../ui/Modal";
import { useStartImage } from "./context";
import { MaskCanvas } from "./MaskCanvas";
import "./mask.css";
import { createMaskPainting } from "./mask-painting";
import { resizeMask } from "./raster";

const SIZES = { min: 4, max: 128 };
const MOST_FEATHER = 64;

/** Mask editor: paint the area to regenerate. */
export function MaskEditor({ picture, onClose }: { picture: Picture; onClose: () => void }) {
  const startImage = useStartImage();
  const feather = useStore(startImage.store, (start) => start.feather);
  const [painting] = useState(() => {
    const { mask } = startImage.store.get();
    return createMaskPainting(picture, mask && resizeMask(mask, picture));
  });
  const [, setChanges] = useState(0);
  const [erase, setErase] = useState(false);
  const [size, setSize] = useState(
    Math.round(Math.min(SIZES.max, Math.max(SIZES.min, Math.min(picture.width, picture.height) / 5))),
  );
  const changed = useCallback(() => setChanges((count) => count + 1), []);
  const change = (act: () => void) => () => {
    act();
    changed();
  };
  const body = useRef<HTMLDivElement>(null);
  /** Esc or X with something painted asks what becomes of it */
  const [asking, setAsking] = useState(false);
  const decided = useRef(false);
  const finish = useCallback(
    (keep: boolean) => {
      decided.current = true;
      if (keep) startImage.change({ mask: painting.isEmpty ? null : painting.toPicture() });
      body.current?.closest("dialog")?.close();
    },
    [painting, startImage],
  );
  const use = useCallback(() => finish(true), [finish]);
  const close = () => {
    // Closed by the browser before there was an answer: what was painted is kept.
    if (!decided.current && painting.changed)
      startImage.change({ mask: painting.isEmpty ? null : painting.toPicture() });
    onClose();
  };
  const mayClose = () => {
    if (decided.current || !painting.changed) return true;
    setAsking(true);
    return false;
  };
  useEffect(() => {
    const dialog = body.current?.closest("dialog");
    const onKey = (event: KeyboardEvent) => {
      const { key, ctrlKey, metaKey, shiftKey } = event;
      if ((ctrlKey || metaKey) && key.toLowerCase() === "z") {
        event.preventDefault();
        if (shiftKey) painting.redo();
        else painting.undo();
        changed();
      } else if (key === "Enter" && (ctrlKey || metaKey)) {
        use(); // and the page generates
      } else if (key === "[" || key === "]") {
        const by = key === "[" ? -4 : 4;
        setSize((now) => Math.min(SIZES.max, Math.max(SIZES.min, now + by)));
      }
    };
    dialog?.addEventListener("keydown", onKey);
    return () => dialog?.removeEventListener("keydown", onKey);
  }, [painting, changed, use]);
  return (
    <Modal title="Mask" className="mask-editor" holds onClose={close} mayClose={mayClose}>
      <div ref={body} className="mask-body">
        <MaskCanvas
          picture={picture}
          painting={painting}
          brush={{ radius: size / 2, erase }}
          feather={feather}
          onChange={changed}
        />
        <div className="mask-tools">
          <fieldset className="switch" aria-label="Tool">
            {[false, true].map((eraser) => (
              <label key={String(eraser)}>
                <input type="radio" name="mask-tool" checked={erase === eraser} onChange={() => setErase(eraser)} />
                <span>{eraser ? "Eraser" : "Brush"}</span>
              </label>
            ))}
          </fieldset>
          <Slider label="Brush size" value={size} {...SIZES} onChange={setSize} />
          <Slider
            label="Feather"
            value={feather}
            min={0}
            max={MOST_FEATHER}
            onChange={(pixels) => startImage.change({ feather: pixels })}
          />
          <button type="button" className="button" disabled={!painting.canUndo} onClick={change(painting.undo)}>
            Undo
          </button>
          <button type="button" className="button" disabled={!painting.canRedo} onClick={change(painting.redo)}>
            Redo
          </button>
          <button type="button" className="button" onClick={change(painting.invert)}>
            Invert
          </button>
          <button type="button" className="button" disabled={painting.isEmpty} onClick={change(painting.clear)}>
            Clear
          </button>
          <button type="button" className="button primary" onClick={use}>
            {painting.isEmpty ? "Use no mask" : "Use mask"}
          </button>
        </div>
        {asking && (
          <div className="mask-question" role="alertdialog" aria-label="Unsaved mask">
            <p>The mask has changes that are not in use yet.</p>
            {/* biome-ignore lint/a11y/noAutofocus: the question was asked by the key or press just before */}
            <button type="button" className="button primary" autoFocus onClick={use}>
              {painting.isEmpty ? "Use no mask" : "Use mask"}
            </button>
            <button type="button" className="button" onClick={() => finish(false)}>
              Discard changes
            </button>
            <button type="button" className="button" onClick={() => setAsking(false)}>
              Keep painting
            </button>
          </div>
        )}
        <p className="mask-hint">
          Painted areas are regenerated. On the picture arrow keys move the brush, Space paints, [ and ] change its
          size.
        </p>
      </div>
    </Modal>
  );
}

interface SliderProps {
  label: string;
  value: number;
  min: number;
  max: number;
  onChange: (value: number) => void;
}

function Slider({ label, value, min, max, onChange }: SliderProps) {
  return (
    <label className="mask-slider">
      <span>{`${label}: ${value}`}</span>
      <input
        type="range"
        aria-label={label}
        min={min}
        max={max}
        value={value}
        style={{ "--share": (value - min) / (max - min) } as React.CSSProperties}
        onChange={({ target }) => onChange(Number(target.value))}
      />
    </label>
  );
}
