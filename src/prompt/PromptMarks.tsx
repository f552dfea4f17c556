import { type ReactNode, useEffect, useRef } from "react";
import type { UnknownWord } from "../models/concepts";

interface Props {
  text: string;
  /** in their order */
  marks: readonly UnknownWord[];
  /** how far the text field is scrolled, in pixels */
  scrolled: number;
  titleOf: (word: string) => string;
  onPick: (mark: UnknownWord) => void;
}

/** The prompt once more, unseen, over the text field: what shows of it are the lines under the marked words. */
export function PromptMarks({ text, marks, scrolled, titleOf, onPick }: Props) {
  const mirror = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (mirror.current) mirror.current.scrollTop = scrolled;
  });
  if (marks.length === 0) return null;
  const parts: ReactNode[] = [];
  let at = 0;
  for (const mark of marks) {
    parts.push(text.slice(at, mark.start));
    parts.push(
      // The pointer's way to the explanation; the text below the field says it to all others.
      <mark
        key={mark.start}
        title={titleOf(mark.word)}
        onPointerDown={(event) => {
          event.preventDefault();
          onPick(mark);
        }}
      >
        {mark.word}
      </mark>,
    );
    at = mark.end;
  }
  return (
    <div ref={mirror} className="prompt-text prompt-marks" dir="auto" aria-hidden="true">
      {parts}
      {text.slice(at)}
    </div>
  );
}
