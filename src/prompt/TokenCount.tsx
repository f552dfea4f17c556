import { countAlternatives } from "../settings/alternatives";
import { usePromptReading } from "./usePromptReading";

/** How much of the text encoder's window a prompt fills, in how many chunks, and how many prompts its braces make of it. */
export function TokenCount({ prompt, id }: { prompt: string; id: string }) {
  const reading = usePromptReading(prompt);
  const count = countAlternatives(prompt);
  if (!reading) return null;
  const { tokens, limit, chunks } = reading;
  return (
    <span id={id} className="token-count">
      {`${tokens} of ${limit} tokens`}
      {chunks > 1 && `, ${chunks} chunks`}
      {count > 1 && `, ${count.toLocaleString()} prompts`}
    </span>
  );
}
