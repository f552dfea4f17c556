import { type ReactNode, useId } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { fields, formErrors, type NumberField } from "../settings/form";
import { useStore } from "../state/useStore";
import { LOCKED } from "../timeline/branch-runs";
import { useBranching } from "../timeline/context";

interface Props {
  field: NumberField;
  /** the part of the range that the slider spans; no slider without */
  slider?: { min: number; max: number };
  /** beside the number */
  children?: ReactNode;
  onEdit?: () => void;
}

/** A setting that is a number: what is typed stays, and what is wrong with it is said below. */
export function NumberInput({ field, slider, children, onEdit }: Props) {
  const form = useForm();
  const models = useModels();
  const branching = useBranching();
  const text = useStore(form, (typed) => typed[field]);
  const info = useStore(models.store, modelInfo);
  const locked = useStore(branching.store, ({ branch }) => branch !== null && LOCKED.has(field));
  const { label, range: rangeOf } = fields[field];
  const range = rangeOf(info);
  const error = useStore(form, (typed) => formErrors(typed, info)[field]);
  const id = useId();
  const edit = (value: string) => {
    form.set({ [field]: value });
    onEdit?.();
  };
  return (
    <div className={`field field-${field}`}>
      <div className="field-row">
        <label htmlFor={id}>{label}</label>
        <input
          id={id}
          type="number"
          inputMode={range.whole ? "numeric" : "decimal"}
          min={range.min}
          max={range.max}
          step={range.whole ? range.step : "any"}
          value={text}
          disabled={locked}
          aria-invalid={error !== undefined}
          aria-describedby={error ? `${id}-error` : undefined}
          onChange={(event) => edit(event.target.value)}
        />
        {children}
      </div>
      {slider && (
        // The pointer's way to the same number; the keyboard and screen readers have the field above.
        <input
          type="range"
          aria-hidden="true"
          tabIndex={-1}
          min={slider.min}
          max={slider.max}
          step={range.step}
          value={Number(text) || slider.min}
          disabled={locked}
          style={{ "--share": shareOf(Number(text), slider) } as React.CSSProperties}
          onChange={(event) => edit(event.target.value)}
        />
      )}
      {error && (
        <p id={`${id}-error`} className="field-error">
          {error}
        </p>
      )}
    </div>
  );
}

function shareOf(value: number, { min, max }: { min: number; max: number }): number {
  return Math.max(0, Math.min(1, (value - min) / (max - min))) || 0;
}
