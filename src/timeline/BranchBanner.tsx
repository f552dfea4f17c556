import { useEffect, useId, useRef } from "react";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { samplerName } from "../runs/run";
import { stepNumber } from "../runs/steps";
import { useForm } from "../settings/context";
import { randomSeed } from "../settings/form";
import { useStore } from "../state/useStore";
import { DiceIcon } from "../ui/icons";
import { drawsNoise, lastStep } from "./branch-runs";
import { branchError } from "./branching";
import { useBranching } from "./context";
import "./branch.css";

/** Above the prompt while a branch is being set up: from where, and with what noise. */
export function BranchBanner() {
  const branching = useBranching();
  const form = useForm();
  const models = useModels();
  const branch = useStore(branching.store, (state) => state.branch);
  const sampler = useStore(form, (typed) => typed.sampler);
  const info = useStore(models.store, modelInfo);
  const id = useId();
  const section = useRef<HTMLElement>(null);
  // What one most likely changes comes first.
  useEffect(() => {
    if (branch?.parent) section.current?.closest(".prompt-bar")?.querySelector("textarea")?.focus();
  }, [branch?.parent]);
  if (!branch) return null;
  const error = branchError(branch, info);
  const noisy = drawsNoise(branch, sampler);
  const label = samplerName(branch.parent.model.samplers, sampler);
  return (
    <section ref={section} className="branch" aria-label="Branch">
      <p className="branch-where" role="status">
        Branching from step {stepNumber(lastStep(branch))} of picture {branch.parent.number}
      </p>
      <label htmlFor={id}>Noise seed</label>
      <input
        id={id}
        type="number"
        inputMode="numeric"
        min={0}
        value={branch.noiseSeed}
        placeholder="as before"
        aria-invalid={error !== undefined}
        aria-describedby={`${id}-note`}
        onChange={(event) => branching.setNoiseSeed(event.target.value)}
      />
      <button
        type="button"
        className="icon-button"
        aria-label="Random noise seed"
        onClick={() => branching.setNoiseSeed(randomSeed())}
      >
        <DiceIcon />
      </button>
      <button type="button" className="button" onClick={branching.cancel}>
        Cancel branch
      </button>
      <p id={`${id}-note`} className={error ? "branch-note field-error" : "branch-note"}>
        {error ??
          (noisy
            ? "Prompt, negative prompt, guidance, sampler and noise seed can change; the rest stays as it was."
            : `${label} draws no noise: the noise seed changes nothing. Prompt, negative prompt, guidance and sampler can change.`)}
      </p>
    </section>
  );
}
