import { useMemo } from "react";
import { useLoras } from "../loras/context";
import { useOpening } from "../metadata/context";
import { sourceOfText } from "../metadata/read-settings";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { ignoredSentences } from "./ignored";
import { usePromptReading } from "./usePromptReading";
import "./notes.css";

/** What in the prompts is not read as words: another program's settings, tags, comments and AND. */
export function PromptNotes() {
  const form = useForm();
  const opening = useOpening();
  const prompt = useStore(form, (typed) => typed.prompt);
  const negativePrompt = useStore(form, (typed) => typed.negativePrompt);
  const source = useMemo(() => sourceOfText(prompt), [prompt]);
  const sentences = useIgnored(prompt);
  const negative = useIgnored(negativePrompt);
  return (
    <div className="prompt-notes" role="status" aria-label="Notes on the prompt">
      {source ? (
        <p className="prompt-settings">
          <span>{`This is the settings text of a picture made with ${source}.`}</span>
          <button type="button" className="button" onClick={() => opening.openText(prompt)}>
            Apply the settings
          </button>
        </p>
      ) : (
        <>
          {sentences.map((one) => (
            <p key={one}>{one}</p>
          ))}
          {negative.map((one) => (
            <p key={one}>{`In the negative prompt: ${one}`}</p>
          ))}
        </>
      )}
    </div>
  );
}

/** Only such texts are worth asking the engine about. */
const TELLTALE = /[<#]|\bAND\b/;

function useIgnored(text: string): string[] {
  const loras = useLoras();
  const models = useModels();
  const list = useStore(loras.store, (state) => state.list);
  const info = useStore(models.store, modelInfo);
  const reading = usePromptReading(TELLTALE.test(text) ? text : null);
  const known = { kept: list.map(({ name }) => name), loaded: info?.loras ?? [] };
  return ignoredSentences(reading?.ignored ?? [], known);
}
