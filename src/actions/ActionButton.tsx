import { useCallback, useSyncExternalStore } from "react";
import type { Action } from "./action";

interface Props<Context> {
  action: Action<Context>;
  context: Context;
  /** of the place that it stands in */
  className: string;
}

/** Draws an action; nothing where it is not offered. */
export function ActionButton<Context extends object>({ action, context, className }: Props<Context>) {
  const { reads } = action;
  const subscribe = useCallback(
    (listener: () => void) => {
      const leave = (reads ?? []).map((store) => store.subscribe(() => listener()));
      return () => {
        for (const one of leave) one();
      };
    },
    [reads],
  );
  const label = useSyncExternalStore(subscribe, () =>
    typeof action.label === "string" ? action.label : action.label(context),
  );
  const offered = useSyncExternalStore(subscribe, () => action.predicate?.(context) ?? true);
  const refusal = useSyncExternalStore(subscribe, () => action.refusal?.(context) ?? null);
  const title = useSyncExternalStore(subscribe, () => action.title?.(context));
  if (!offered) return null;
  const { Button, icon: Icon, fullName, opensDialog, shortcut, disabled, perform } = action;
  if (Button) return <Button {...context} />;
  return (
    <button
      type="button"
      className={action.className ? `${className} ${action.className}` : className}
      aria-label={fullName}
      aria-haspopup={opensDialog ? "dialog" : undefined}
      aria-keyshortcuts={shortcut}
      aria-disabled={action.refusal ? refusal !== null : undefined}
      title={refusal ?? title}
      disabled={disabled?.(context)}
      onClick={() => perform?.(context)}
    >
      {Icon && <Icon />}
      {label}
    </button>
  );
}
