import { useId } from "react";
import { StartImageSection } from "../image/StartImageSection";
import { AboutModelButton } from "../models/AboutModelButton";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { TokenCount } from "../prompt/TokenCount";
import { useQueue } from "../runs/context";
import { isOver } from "../runs/run";
import { useForm } from "../settings/context";
import { MAX_COUNT, randomSeed } from "../settings/form";
import { useStore } from "../state/useStore";
import { ChevronIcon, DiceIcon } from "../ui/icons";
import { CarriedSettings } from "../variations/CarriedSettings";
import { NumberInput } from "./NumberInput";
import "./settings.css";

/** Everything that decides a picture, the prompt apart. The same in the side panel and in the sheet. */
export function SettingsForm() {
  const form = useForm();
  const models = useModels();
  const queue = useQueue();
  const { sampler, negativePrompt, newSeed } = useStore(form, (typed) => typed);
  const { list, id: modelId } = useStore(models.store, (state) => state);
  const info = useStore(models.store, modelInfo);
  const busy = useStore(queue.store, ({ runs }) => runs.some((run) => !isOver(run)));
  const id = useId();
  return (
    <div className="settings">
      <Choice
        label="Model"
        value={modelId}
        options={list.map((model) => ({ id: model.id, label: model.title }))}
        // What is queued was asked of this model.
        locked={busy}
        onChoose={(chosen) => void models.load(chosen)}
      />
      <AboutModelButton />
      <div className="field">
        <label htmlFor={`${id}-negative`}>Negative Prompt</label>
        <textarea
          id={`${id}-negative`}
          rows={2}
          dir="auto"
          value={negativePrompt}
          placeholder="What the picture must not show"
          aria-describedby={`${id}-negative-count`}
          onChange={(event) => form.set({ negativePrompt: event.target.value })}
        />
        {negativePrompt !== "" && <TokenCount prompt={negativePrompt} id={`${id}-negative-count`} />}
      </div>
      <Choice
        label="Sampler"
        value={sampler}
        options={info?.samplers ?? []}
        onChoose={(chosen) => form.set({ sampler: chosen })}
      />
      <NumberInput field="steps" slider={{ min: 1, max: 50 }} />
      <NumberInput field="guidanceScale" slider={{ min: 0, max: 15 }} />
      <div className="field-pair">
        <NumberInput field="guidanceStart" />
        <NumberInput field="guidanceEnd" />
      </div>
      <div className="field-pair">
        <NumberInput field="width" />
        <NumberInput field="height" />
      </div>
      <div className="field-group">
        <NumberInput field="seed" onEdit={() => form.set({ newSeed: false })}>
          <button
            type="button"
            className="icon-button"
            aria-label="Random seed"
            onClick={() => form.set({ seed: randomSeed(), newSeed: false })}
          >
            <DiceIcon />
          </button>
        </NumberInput>
        <label className="check">
          <input type="checkbox" checked={newSeed} onChange={(event) => form.set({ newSeed: event.target.checked })} />
          <span>New seed every time</span>
        </label>
      </div>
      <NumberInput field="count" slider={{ min: 1, max: MAX_COUNT }} />
      <CarriedSettings />
      <StartImageSection />
    </div>
  );
}

interface ChoiceProps {
  label: string;
  value: string;
  options: { id: string; label: string }[];
  locked?: boolean;
  onChoose: (id: string) => void;
}

function Choice({ label, value, options, locked = false, onChoose }: ChoiceProps) {
  const id = useId();
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <div className="select">
        <select
          id={id}
          value={value}
          disabled={locked || options.length === 0}
          onChange={(event) => onChoose(event.target.value)}
        >
          {options.map((option) => (
            <option key={option.id} value={option.id}>
              {option.label}
            </option>
          ))}
        </select>
        <ChevronIcon />
      </div>
    </div>
  );
}
