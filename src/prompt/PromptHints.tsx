import { useCommands } from "../actions/commands";
import { SizeHint } from "../estimate/SizeHint";
import { useQueue, useSession } from "../runs/context";
import { useForm } from "../settings/context";
import { randomSeed } from "../settings/form";
import { useStore } from "../state/useStore";

/** Below the prompt: what Generate would do that is hardly wanted, and what to do instead. */
export function PromptHints() {
  const form = useForm();
  const session = useSession();
  const queue = useQueue();
  const { generate } = useCommands();
  const repeat = useStore(session, (state) => state.repeat);
  const empty = useStore(form, ({ prompt }) => prompt.trim() === "");
  const asked = useStore(queue.store, ({ runs }) => runs.at(-1)?.settings.prompt.trim() === "");
  return (
    <div className="prompt-hints" role="status">
      {repeat !== null && (
        <p className="prompt-hint">
          <span>{`These settings and this seed are those of picture ${repeat}; the result would be the same.`}</span>
          <button
            type="button"
            className="button"
            onClick={() => {
              form.set({ seed: randomSeed() });
              generate();
            }}
          >
            New seed
          </button>
          <button type="button" className="button" onClick={() => generate(true)}>
            Generate anyway
          </button>
        </p>
      )}
      {empty && asked && (
        <p className="prompt-hint">The prompt is empty, so the picture is random. Describe what it should show.</p>
      )}
      <SizeHint />
    </div>
  );
}
