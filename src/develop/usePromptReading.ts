import { useEffect, useState } from "react";
import type { PromptReading } from "../../workers/protocol";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";

const DELAY_MS = 250;

/** How the model reads the prompt while it is typed; null until it is known. */
export function usePromptReading(prompt: string): PromptReading | null {
  const { engine, models } = useDarkroom();
  const info = useStore(models.store, modelInfo);
  const [reading, setReading] = useState<PromptReading | null>(null);
  useEffect(() => {
    if (!info) return;
    let wanted = true;
    const timer = setTimeout(() => {
      engine.readPrompt(prompt).then(
        (read) => wanted && setReading(read),
        () => wanted && setReading(null), // a run says what is wrong with the engine
      );
    }, DELAY_MS);
    return () => {
      wanted = false;
      clearTimeout(timer);
    };
  }, [engine, info, prompt]);
  return info ? reading : null;
}
