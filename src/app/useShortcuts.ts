import { useEffect } from "react";

interface Shortcuts {
  onGenerate: () => void;
  onCancel: () => void;
  onHelp: () => void;
}

/** The keys that work anywhere on the page. An open dialog keeps Escape and "?" for itself. */
export function useShortcuts({ onGenerate, onCancel, onHelp }: Shortcuts): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      const dialog = document.querySelector("dialog[open]") !== null;
      if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) onGenerate();
      else if (event.key === "Escape" && !dialog) onCancel();
      else if (event.key === "?" && !dialog && !isTyping(event.target)) onHelp();
      else return;
      event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [onGenerate, onCancel, onHelp]);
}

function isTyping(target: EventTarget | null): boolean {
  const typing = "input:not([type=checkbox], [type=radio], [type=range]), textarea, select";
  return target instanceof HTMLElement && target.matches(typing);
}
