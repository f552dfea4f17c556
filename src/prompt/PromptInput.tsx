import { type KeyboardEvent, useRef, useState } from "react";
import { sourceOfText } from "../metadata/read-settings";
import { explain, unknownWords } from "../models/concepts";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useForm } from "../settings/context";
import { useStore } from "../state/useStore";
import { PromptMarks } from "./PromptMarks";
import { SuggestionList } from "./SuggestionList";
import { suggest, take } from "./suggestions";

interface Props {
  id: string;
  /** ids of what describes the prompt */
  describedBy: string;
}

/** The prompt, with suggestions of what the model was taught and marks on what it was not. */
export function PromptInput({ id, describedBy }: Props) {
  const form = useForm();
  const models = useModels();
  const prompt = useStore(form, (typed) => typed.prompt);
  const concepts = useStore(models.store, (state) => state.concepts);
  const title = useStore(models.store, (state) => modelInfo(state)?.title) ?? "The model";
  const input = useRef<HTMLTextAreaElement>(null);
  /** where the caret stood when something was typed: the word there may not be whole yet */
  const [typedAt, setTypedAt] = useState<number | null>(null);
  /** suggestions are for typing alone */
  const [typing, setTyping] = useState(false);
  const [active, setActive] = useState(-1);
  const [scrolled, setScrolled] = useState(0);
  const suggestions = concepts && typing && typedAt !== null ? suggest(concepts, prompt, typedAt) : null;
  const items = suggestions?.items ?? [];
  const unknown =
    concepts && !sourceOfText(prompt) ? unknownWords(concepts, prompt).filter(({ end }) => end !== typedAt) : [];
  const words = [...new Set(unknown.map(({ word }) => word))];

  const close = () => {
    setTypedAt(null);
    setTyping(false);
    setActive(-1);
  };
  const leave = () => {
    setTyping(false);
    setActive(-1);
    whenReleased(close);
  };
  const accept = (index: number) => {
    const element = input.current;
    const chosen = items[index];
    if (!suggestions || !chosen || !element) return;
    const taken = take(prompt, suggestions, chosen.text);
    form.set({ prompt: taken.prompt });
    close();
    element.focus();
    // once React has filled it in
    requestAnimationFrame(() => element.setSelectionRange(taken.caret, taken.caret));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (items.length === 0 || event.nativeEvent.isComposing) return;
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) return close(); // Generate: the steps are to be seen
    const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
    if (step !== 0) setActive((active + step + (active < 0 && step < 0 ? 1 : 0) + items.length) % items.length);
    else if ((event.key === "Enter" || event.key === "Tab") && active >= 0) accept(active);
    else if (event.key === "Escape") close();
    else return;
    event.preventDefault();
  };

  return (
    <div className="prompt-input">
      <SuggestionList id={`${id}-list`} items={items} active={active} onTake={accept} />
      <PromptMarks
        text={prompt}
        marks={unknown}
        scrolled={scrolled}
        titleOf={(word) => (concepts ? explain(concepts, title, word) : "")}
        onPick={({ start, end }) => {
          input.current?.focus();
          input.current?.setSelectionRange(start, end);
        }}
      />
      <textarea
        ref={input}
        id={id}
        className="prompt-text"
        rows={1}
        value={prompt}
        dir="auto"
        placeholder="Describe a picture"
        autoComplete="off"
        aria-autocomplete="list"
        aria-controls={items.length > 0 ? `${id}-list` : undefined}
        aria-activedescendant={active >= 0 ? `${id}-list-${active}` : undefined}
        aria-describedby={`${describedBy} ${id}-unknown`}
        onChange={(event) => {
          form.set({ prompt: event.target.value });
          setTypedAt(event.target.selectionStart);
          setTyping(true);
          setActive(-1);
        }}
        onKeyDown={onKeyDown}
        onBlur={leave}
        onPointerDown={close}
        onScroll={(event) => setScrolled(event.currentTarget.scrollTop)}
      />
      <p id={`${id}-unknown`} className="prompt-unknown" role="status">
        {concepts && words.length === 1 && explain(concepts, title, words[0])}
        {words.length > 1 && `${title} was never taught ${words.map((word) => `“${word}”`).join(", ")}.`}
      </p>
    </div>
  );
}

/** The line below the field may grow, and what is above it move: not before the press that took the focus is a click. */
function whenReleased(then: () => void): void {
  const released = new AbortController();
  for (const type of ["pointerup", "pointercancel", "keyup"])
    addEventListener(
      type,
      () => {
        released.abort();
        setTimeout(then); // after the click
      },
      released,
    );
}
