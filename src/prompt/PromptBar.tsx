import { useId } from "react";
import { StartImageChip } from "../image/StartImageChip";
import { StartImagePicker } from "../image/StartImagePicker";
import { useQueue, useSession } from "../runs/context";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { BranchBanner } from "../timeline/BranchBanner";
import { SkipIcon, SlidersIcon, StopIcon } from "../ui/icons";
import { PromptHints } from "./PromptHints";
import { PromptInput } from "./PromptInput";
import { PromptNotes } from "./PromptNotes";
import "./prompt.css";
import { TokenCount } from "./TokenCount";

interface Props {
  onGenerate: () => void;
  /** absent where the settings are in view anyway */
  onSettings: (() => void) | undefined;
}

export function PromptBar({ onGenerate, onSettings }: Props) {
  const form = useForm();
  const queue = useQueue();
  const session = useSession();
  const prompt = useStore(form, (typed) => typed.prompt);
  const running = useStore(queue.store, ({ runs }) => runs.some(({ status }) => status === "running"));
  const queued = useStore(queue.store, ({ runs }) => runs.filter(({ status }) => status === "queued").length);
  const waiting = useStore(session, (state) => state.waiting.length) + queued;
  const countId = useId();
  return (
    // Not a form: sandboxed frames block their submission.
    <div className="prompt-bar">
      <div className="prompt-extras">
        <BranchBanner />
        <StartImageChip />
        <PromptNotes />
        <PromptHints />
      </div>
      <label className="visually-hidden" htmlFor="prompt">
        Prompt
      </label>
      <PromptInput id="prompt" describedBy={countId} />
      <div className="prompt-row">
        <p className="prompt-count">
          <TokenCount prompt={prompt} id={countId} />
          {waiting > 0 && <span>{`${waiting} queued`}</span>}
        </p>
        <StartImagePicker />
        {onSettings && (
          <button type="button" className="icon-button" aria-label="Settings" title="Settings" onClick={onSettings}>
            <SlidersIcon />
          </button>
        )}
        {running && queued > 0 && (
          <button
            type="button"
            className="button skip"
            title="End this picture; the next one in the queue begins"
            onClick={queue.skip}
          >
            <SkipIcon />
            Skip
          </button>
        )}
        {running && (
          <button
            type="button"
            className="button cancel"
            title={queued > 0 ? "End this picture and empty the queue (Esc)" : "Esc"}
            aria-keyshortcuts="Escape"
            onClick={queue.cancelAll}
          >
            <StopIcon />
            {queued > 0 ? "Cancel all" : "Cancel"}
          </button>
        )}
        <button
          type="button"
          onClick={onGenerate}
          className="button primary"
          title="Ctrl+Enter"
          aria-keyshortcuts="Control+Enter Meta+Enter"
        >
          Generate
        </button>
      </div>
    </div>
  );
}
