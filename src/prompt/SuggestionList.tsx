import { useEffect, useRef } from "react";
import type { Kind } from "../models/concepts";
import type { Suggestion } from "./suggestions";

const KIND_WORDS: Record<Kind, string> = {
  objects: "object",
  colours: "colour",
  counts: "count",
  sizes: "size",
  positions: "position",
  scenes: "scene",
  backgrounds: "background",
  styles: "style",
};

interface Props {
  id: string;
  items: readonly Suggestion[];
  /** index of the one that the arrow keys reached; -1 for none */
  active: number;
  onTake: (index: number) => void;
}

/** What could be typed next; the text field has the focus and tells which one is active. */
export function SuggestionList({ id, items, active, onTake }: Props) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    list.current?.children[active]?.scrollIntoView({ block: "nearest" });
  }, [active]);
  const count = items.length === 1 ? "1 suggestion" : `${items.length} suggestions`;
  return (
    <>
      <p className="visually-hidden" role="status">
        {items.length > 0 && `${count}, Down to choose`}
      </p>
      {items.length > 0 && (
        <div ref={list} id={id} className="suggestions" role="listbox" aria-label="Suggestions">
          {items.map(({ text, kind }, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the text field keeps the focus, aria-activedescendant names the option
            <div
              key={`${kind} ${text}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === active}
              onPointerDown={(event) => {
                event.preventDefault();
                onTake(index);
              }}
            >
              {text}
              <span>{KIND_WORDS[kind]}</span>
            </div>
          ))}
        </div>
      )}
    </>
  );
}
