import { useId } from "react";
import { ActionButton } from "../actions/ActionButton";
import { actionsAt, type PageContext, useActions } from "../actions/action";
import { StartImageChip } from "../image/StartImageChip";
import { StartImagePicker } from "../image/StartImagePicker";
import { useQueue, useSession } from "../runs/context";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { BranchBanner } from "../timeline/BranchBanner";
import { SlidersIcon } from "../ui/icons";
import { PromptHints } from "./PromptHints";
import { PromptInput } from "./PromptInput";
import { PromptNotes } from "./PromptNotes";
import "./prompt.css";
import { TokenCount } from "./TokenCount";

interface Props {
  context: PageContext;
  /** absent where the settings are in view anyway */
  onSettings: (() => void) | undefined;
}

export function PromptBar({ context, onSettings }: Props) {
  const form = useForm();
  const queue = useQueue();
  const session = useSession();
  const prompt = useStore(form, (typed) => typed.prompt);
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
        {/* Generate, the first of the list, stands last: its place does not change. */}
        {actionsAt(useActions(), "prompt")
          .toReversed()
          .map((action) => (
            <ActionButton key={action.name} action={action} context={context} className="button" />
          ))}
      </div>
    </div>
  );
}
