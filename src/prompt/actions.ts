import { type ControlKeys, isDialogOpen, type PageAction } from "../actions/action";
import type { Queue } from "../runs/queue";
import { SkipIcon, StopIcon } from "../ui/icons";

export const generateAction: PageAction = {
  name: "generate",
  place: "prompt",
  label: "Generate",
  className: "primary",
  title: () => "Ctrl+Enter",
  shortcut: "Control+Enter Meta+Enter",
  keyTest: ({ key, ctrlKey, metaKey }) => key === "Enter" && (ctrlKey || metaKey),
  help: { keys: ["Ctrl", "Enter"], text: "Generate, from anywhere (Cmd on a Mac)" },
  perform: ({ generate }) => generate(),
};

/** How the running picture is ended. */
export function cancelActions(queue: Queue): PageAction[] {
  const { store } = queue;
  const isRunning = () => store.get().runs.some(({ status }) => status === "running");
  const isQueued = () => store.get().runs.some(({ status }) => status === "queued");
  return [
    {
      name: "cancel",
      place: "prompt",
      label: () => (isQueued() ? "Cancel all" : "Cancel"),
      title: () => (isQueued() ? "End this picture and empty the queue (Esc)" : "Esc"),
      icon: StopIcon,
      reads: [store],
      predicate: isRunning,
      shortcut: "Escape",
      // What waits for another tab is taken out too, while nothing runs here.
      keyTest: ({ key }) => key === "Escape" && !isDialogOpen(),
      help: { keys: ["Esc"], text: "Cancel the running picture and empty the queue, which can be put back" },
      perform: queue.cancelAll,
    },
    {
      name: "skip",
      place: "prompt",
      label: "Skip",
      className: "skip",
      title: () => "End this picture; the next one in the queue begins",
      icon: SkipIcon,
      reads: [store],
      predicate: () => isRunning() && isQueued(),
      perform: queue.skip,
    },
  ];
}

export const suggestionKeys: ControlKeys = {
  name: "suggestion keys",
  place: "control",
  help: {
    keys: ["Down", "Up"],
    text: "Choose a suggestion while you type; Enter or Tab takes it, Esc closes the list",
  },
};
