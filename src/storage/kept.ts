/** What the browser keeps for this page, and what it does not, in a sentence for the visitor. */
import { createStore, type ReadOnlyStore } from "../state/store";

export interface Kept {
  /** in localStorage */
  settings: boolean;
  /** in IndexedDB, their files in the private file system */
  pictures: boolean;
  /** in the private file system */
  models: boolean;
}

/** All is taken to be kept until the browser refuses it. @param files opens the private file system */
export function watchKept(settings: boolean, database: Promise<unknown>, files: Promise<unknown>): ReadOnlyStore<Kept> {
  const store = createStore<Kept>({ settings, pictures: true, models: true });
  database.catch(() => store.set({ pictures: false }));
  files.catch(() => store.set({ pictures: false, models: false }));
  return store;
}

/** @param isSecure over https, or from this machine @param offline whether the app itself is kept. null where nothing is missing */
export function notKept(kept: Kept, isSecure: boolean, offline: boolean): string | null {
  if (!isSecure) {
    return "This page was opened over http; over https it would use the GPU and every core, work offline, and keep pictures and models.";
  }
  const lost = (["settings", "pictures", "models"] as const).filter((kind) => !kept[kind]);
  const last = lost.pop();
  const list = [lost.join(", "), last].filter(Boolean).join(" and ");
  const said = [list && `${list} last until it is closed`, !offline && "it does not work offline"].filter(Boolean);
  return said.length > 0 ? `The browser blocks storage for this page: ${said.join(", and ")}.` : null;
}
