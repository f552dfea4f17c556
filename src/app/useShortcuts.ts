import { useEffect } from "react";
import { actionsAt, type PageContext, performKey, useActions } from "../actions/action";

/** The keys that work anywhere on the page. */
export function useShortcuts(context: PageContext): void {
  const actions = useActions();
  useEffect(() => {
    const page = [...actionsAt(actions, "prompt"), ...actionsAt(actions, "foot")];
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.defaultPrevented || event.isComposing) return;
      if (performKey(page, event, context)) event.preventDefault();
    };
    addEventListener("keydown", onKeyDown);
    return () => removeEventListener("keydown", onKeyDown);
  }, [actions, context]);
}
