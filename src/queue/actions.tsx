import type { ControlKeys, PageAction } from "../actions/action";
import type { Queue } from "../runs/queue";
import { isOver } from "../runs/run";
import type { Session } from "../runs/session";
import type { ReadOnlyStore } from "../state/store";
import { QueueIcon } from "../ui/icons";
import { QueueDialog } from "./QueueDialog";

export function queueAction({ store }: Queue, session: ReadOnlyStore<Session>): PageAction {
  return {
    name: "queue",
    place: "foot",
    label() {
      const open = session.get().waiting.length + store.get().runs.filter((run) => !isOver(run)).length;
      return open > 0 ? `Queue (${open})` : "Queue";
    },
    reads: [session, store],
    icon: QueueIcon,
    opensDialog: true,
    perform: ({ show }) => show((close) => <QueueDialog onClose={close} />),
  };
}

export const queueKeys: ControlKeys = {
  name: "queue keys",
  place: "control",
  help: { keys: ["Alt", "Up"], text: "Move a queued run up, in the queue; Alt and Down moves it down" },
};
