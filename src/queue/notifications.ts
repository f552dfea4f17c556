/** A notification of the system when a long run ends and the page is hidden. Asked for by a click only. */
import type { Queue } from "../runs/queue";
import { changedStatus, type Run } from "../runs/run";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { KeptTexts } from "../storage/browser";

export interface NotificationsState {
  wanted: boolean;
  /** the browser does not allow it: what helps */
  problem: string | null;
}

export interface Notifications {
  store: ReadOnlyStore<NotificationsState>;
  /** To be called from a click: the browser may ask the visitor. */
  want(wanted: boolean): Promise<void>;
}

export interface NotificationsParts {
  storage: KeptTexts | null;
  /** Asks for the permission where it is not given yet. */
  ask(): Promise<NotificationPermission>;
  hidden(): boolean;
  show(title: string, body: string): void;
  /** milliseconds */
  now(): number;
}

const KEY = "darkroom.notify";
/** Shorter ones are over before one looks elsewhere. */
const LONG_MS = 10_000;

const DENIED = "The browser does not allow notifications from this page; allow them in its settings for this site.";

export function createNotifications(queue: Pick<Queue, "store">, parts: NotificationsParts): Notifications {
  const { storage, ask, hidden, show, now } = parts;
  const store = createStore<NotificationsState>({ wanted: storage?.getItem(KEY) === "1", problem: null });
  let start = 0; // of the running one

  queue.store.subscribe(({ runs }, previous) => {
    for (const run of changedStatus(runs, previous.runs)) {
      if (run.status === "running") start = now();
      if ((run.status !== "done" && run.status !== "failed") || now() - start < LONG_MS) continue;
      if (store.get().wanted && hidden()) show(titleOf(run), run.settings.prompt);
    }
  });

  return {
    store,
    async want(wanted) {
      const granted = !wanted || (await ask()) === "granted";
      store.set({ wanted: wanted && granted, problem: granted ? null : DENIED });
      storage?.setItem(KEY, store.get().wanted ? "1" : "0");
    },
  };
}

function titleOf({ status }: Run): string {
  return status === "done" ? "The picture is done" : "The picture failed";
}

/** The browser's own. */
export function browserNotifications(storage: KeptTexts | null): NotificationsParts {
  return {
    storage,
    ask: async () => (typeof Notification === "undefined" ? "denied" : Notification.requestPermission()),
    hidden: () => document.hidden,
    show(title, body) {
      if (typeof Notification === "undefined" || Notification.permission !== "granted") return;
      const notification = new Notification(title, { body });
      notification.onclick = () => window.focus();
    },
    now: () => performance.now(),
  };
}
