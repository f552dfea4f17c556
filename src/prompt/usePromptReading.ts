import { useEffect, useState } from "react";
import type { PromptReading } from "../../workers/protocol";
import { MAX_STEPS } from "../../workers/settings/table";
import { useEngine } from "../engine/context";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { longestAlternative } from "../settings/alternatives";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";

const DELAY_MS = 250;

/** How the model reads the prompt while it is typed, of alternatives the longest; null until it is known, and for no prompt. */
export function usePromptReading(prompt: string | null): PromptReading | null {
  const engine = useEngine();
  const models = useModels();
  const form = useForm();
  const info = useStore(models.store, modelInfo);
  const steps = useStore(form, (typed) => Math.max(1, Math.min(MAX_STEPS, Math.trunc(Number(typed.steps)) || 1)));
  const [reading, setReading] = useState<PromptReading | null>(null);
  useEffect(() => {
    if (!info || prompt === null) return setReading(null);
    let wanted = true;
    const timer = setTimeout(() => {
      engine.readPrompt({ prompt: longestAlternative(prompt), steps }).then(
        (read) => wanted && setReading(read),
        () => wanted && setReading(null), // a run says what is wrong with the engine
      );
    }, DELAY_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [engine, info, prompt, steps]);
  return info ? reading : null;
}
