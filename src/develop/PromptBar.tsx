import { useId } from "react";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import { SlidersIcon, StopIcon } from "../ui/icons";
import "./prompt.css";
import { Unread } from "./Unread";
import { usePromptReading } from "./usePromptReading";

interface Props {
  onGenerate: () => void;
  /** absent where the settings are in view anyway */
  onSettings: (() => void) | undefined;
}

export function PromptBar({ onGenerate, onSettings }: Props) {
  const { form, queue, session } = useDarkroom();
  const prompt = useStore(form, (typed) => typed.prompt);
  const running = useStore(queue.store, ({ runs }) => runs.some(({ status }) => status === "running"));
  const queued = useStore(queue.store, ({ runs }) => runs.filter(({ status }) => status === "queued").length);
  const waiting = useStore(session, (state) => state.waiting.length) + queued;
  const reading = usePromptReading(prompt);
  const id = useId();
  return (
    <form
      className="prompt-bar"
      onSubmit={(event) => {
        event.preventDefault();
        onGenerate();
      }}
    >
      <label className="visually-hidden" htmlFor={id}>
        Prompt
      </label>
      <textarea
        id={id}
        className="prompt-text"
        rows={1}
        value={prompt}
        placeholder="Describe a picture"
        aria-describedby={reading?.unread ? `${id}-unread` : undefined}
        onChange={(event) => form.set({ prompt: event.target.value })}
      />
      <Unread reading={reading} id={`${id}-unread`} />
      <div className="prompt-row">
        <p className="prompt-count">
          {reading && (
            <span className={reading.unread ? "over" : ""}>{`${reading.tokens} of ${reading.limit} tokens`}</span>
          )}
          {waiting > 0 && <span>{`${waiting} queued`}</span>}
        </p>
        {onSettings && (
          <button type="button" className="icon-button" aria-label="Settings" onClick={onSettings}>
            <SlidersIcon />
          </button>
        )}
        {running && (
          <button type="button" className="button" aria-keyshortcuts="Escape" onClick={queue.cancel}>
            <StopIcon />
            Cancel
          </button>
        )}
        <button
          type="submit"
          className="button primary"
          title="Ctrl+Enter"
          aria-keyshortcuts="Control+Enter Meta+Enter"
        >
          Generate
        </button>
      </div>
    </form>
  );
}
