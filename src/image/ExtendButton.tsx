import { useState } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { useDialog } from "../ui/DialogHost";
import { Modal } from "../ui/Modal";
import { useStartImage } from "./context";
import { type Extension, extension, extensionMask, type Side } from "./extension";
import "./mask.css";
import { extendPicture } from "./raster";
import { formSize } from "./start-image";

const SIDES: Record<Side, string> = {
  left: "Left",
  right: "Right",
  top: "Up",
  bottom: "Down",
  all: "Zoom out",
};
const ZOOMS = [1.25, 1.5, 2];

/** Outpainting: more room around the start image, which the next run fills. */
export function ExtendButton() {
  const show = useDialog();
  return (
    <button
      type="button"
      className="button"
      aria-haspopup="dialog"
      onClick={() => show((close) => <ExtendDialog onClose={close} />)}
    >
      Extend
    </button>
  );
}

function ExtendDialog({ onClose }: { onClose: () => void }) {
  const startImage = useStartImage();
  const form = useForm();
  const models = useModels();
  const info = useStore(models.store, modelInfo);
  const [side, setSide] = useState<Side>("right");
  const [steps, setSteps] = useState(1);
  const [zoom, setZoom] = useState(1.5);
  if (!info) return null;
  const size = formSize(form.get(), info);
  const unit = Math.max(info.sizeMultiple, Math.round(64 / info.sizeMultiple) * info.sizeMultiple);
  const amount = side === "all" ? zoom : steps * unit;
  let wanted: Extension | null = null;
  let problem = "";
  try {
    wanted = extension(size, side, amount, info);
  } catch (error) {
    problem = (error as Error).message;
  }
  const extend = async () => {
    const { source } = startImage.store.get();
    const picture = await startImage.fitted(size);
    if (!wanted || !picture || !source) return;
    startImage.replace(await extendPicture(picture, wanted, `${source.name}, extended`), extensionMask(wanted));
    startImage.change({ strength: 1 });
    form.set({ width: String(wanted.size.width), height: String(wanted.size.height) });
    onClose();
  };
  return (
    <Modal title="Extend the picture" className="extend" onClose={onClose}>
      <div className="settings">
        <fieldset className="switch extend-sides" aria-label="Side">
          {(Object.keys(SIDES) as Side[]).map((one) => (
            <label key={one}>
              <input type="radio" name="extend-side" checked={side === one} onChange={() => setSide(one)} />
              <span>{SIDES[one]}</span>
            </label>
          ))}
        </fieldset>
        <div className="mask-slider">
          <span>{side === "all" ? `Zoom out ${zoom}×` : `By ${amount} pixels`}</span>
          {side === "all" ? (
            <input
              type="range"
              aria-label="Zoom"
              min={0}
              max={ZOOMS.length - 1}
              value={ZOOMS.indexOf(zoom)}
              aria-valuetext={`${zoom} times`}
              onChange={({ target }) => setZoom(ZOOMS[Number(target.value)])}
            />
          ) : (
            <input
              type="range"
              aria-label="Pixels"
              min={1}
              max={4}
              value={steps}
              aria-valuetext={`${amount} pixels`}
              onChange={({ target }) => setSteps(Number(target.value))}
            />
          )}
        </div>
        {problem && (
          <p className="field-error" role="alert">
            {problem}
          </p>
        )}
        <p className="start-image-hint">
          {wanted && `The next picture has ${wanted.size.width} × ${wanted.size.height} pixels. `}
          The picture is kept; Generate fills the rest from the prompt.
        </p>
        <button type="button" className="button primary" disabled={!wanted} onClick={() => void extend()}>
          Extend
        </button>
      </div>
    </Modal>
  );
}
