import { useId } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { blobUrl } from "../outputs/picture/png";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { CloseIcon } from "../ui/icons";
import { useStartImage } from "./context";
import { MaskButton } from "./MaskButton";
import { MaskLook } from "./MaskLook";
import "./start-image.css";
import { formSize, LEAST_STRENGTH, startImageProblem, strengthOf } from "./start-image";

/** By the prompt, at every width: the picture that the next run starts from, how much of it is kept, its mask, and the way to remove it. */
export function StartImageChip() {
  const startImage = useStartImage();
  const models = useModels();
  const form = useForm();
  const state = useStore(startImage.store, (start) => start);
  const info = useStore(models.store, modelInfo);
  const typed = useStore(form, (values) => values);
  const id = useId();
  const { source, fit, mask, error } = state;
  const strength = strengthOf(state, Math.max(1, Number(typed.steps) || 1));
  const problem = startImageProblem(state, info) ?? error;
  if (!source && !problem) return null;
  const { width, height } = formSize(typed, info);
  return (
    <section className="start-chip" aria-label="Start image">
      {problem && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
      {source && (
        <div className="start-chip-row">
          <span className={`start-chip-picture ${fit}`} style={{ aspectRatio: width / height }}>
            <img src={blobUrl(source.file)} alt={`Start image: ${source.name}`} title={source.name} />
            {mask && <MaskLook mask={mask} />}
          </span>
          <span className="start-chip-strength">
            <label
              htmlFor={`${id}-strength`}
              title="How much of the picture changes: a low strength keeps it, 1 ignores it"
            >
              Strength <output>{strength.toFixed(2)}</output>
            </label>
            <input
              id={`${id}-strength`}
              type="range"
              min={LEAST_STRENGTH}
              max={1}
              step={0.05}
              value={strength}
              aria-valuetext={strength.toFixed(2)}
              style={{ "--share": (strength - LEAST_STRENGTH) / (1 - LEAST_STRENGTH) } as React.CSSProperties}
              onChange={({ target }) => startImage.change({ strength: Number(target.value) })}
            />
          </span>
          <MaskButton />
          <button
            type="button"
            className="icon-button"
            aria-label="Remove the start image"
            title="Remove the start image"
            onClick={startImage.remove}
          >
            <CloseIcon />
          </button>
        </div>
      )}
    </section>
  );
}
