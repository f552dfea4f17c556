import { useId } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { ChevronIcon } from "../ui/icons";
import { usePlots } from "./context";
import { kindsFor } from "./plot";

interface Props {
  index: number;
  withImage: boolean;
  error: string | undefined;
}

/** What an axis varies, and its values. */
export function PlotAxis({ index, withImage, error }: Props) {
  const plots = usePlots();
  const models = useModels();
  const { kind, text } = useStore(plots.store, ({ axes }) => axes[index]);
  const info = useStore(models.store, modelInfo);
  const id = useId();
  const name = "XYZ"[index];
  const kinds = kindsFor(withImage);
  const example = kinds.find((one) => one.id === kind)?.example ?? "";
  return (
    <fieldset className="plot-axis" aria-label={`${name} axis`}>
      <div className="field">
        <label htmlFor={`${id}-kind`}>{name}</label>
        <div className="select">
          <select
            id={`${id}-kind`}
            aria-label={`${name} setting`}
            value={kind}
            onChange={(event) => plots.setAxis(index, { kind: event.target.value, text: "" })}
          >
            <option value="">Nothing</option>
            {kinds.map((one) => (
              <option key={one.id} value={one.id}>
                {one.label}
              </option>
            ))}
          </select>
          <ChevronIcon />
        </div>
      </div>
      {kind !== "" && (
        <div className="field">
          <div className="plot-values">
            <label htmlFor={id}>Values</label>
            {kind === "sampler" && info && (
              <button
                type="button"
                className="text-button"
                onClick={() => plots.setAxis(index, { text: info.samplers.map(({ label }) => label).join(", ") })}
              >
                All of them
              </button>
            )}
          </div>
          <textarea
            dir="auto"
            id={id}
            aria-label={`${name} values`}
            rows={1}
            value={text}
            placeholder={example}
            aria-invalid={error !== undefined && text !== ""}
            aria-describedby={error && text !== "" ? `${id}-error` : undefined}
            onChange={(event) => plots.setAxis(index, { text: event.target.value })}
          />
          {error && text !== "" && (
            <p id={`${id}-error`} className="field-error">
              {error}
            </p>
          )}
        </div>
      )}
    </fieldset>
  );
}
