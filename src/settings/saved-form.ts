/** The form in localStorage, so that the settings survive a reload. */
import type { Store } from "../state/store";
import { emptyForm, type Form } from "./form";

const KEY = "darkroom.settings";
const DELAY_MS = 300;

/** What was kept, field by field: a field that is missing or of another type is the empty form's. */
export function readForm(storage: Storage | null): Form {
  const form = emptyForm();
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return form;
    const entries = Object.entries(kept).filter(
      ([key, value]) => value !== null && typeof value === typeof form[key as keyof Form],
    );
    return { ...form, ...Object.fromEntries(entries) };
  } catch {
    return form; // not ours, or storage is blocked: start with the defaults
  }
}

export function keepForm(store: Store<Form>, storage: Storage | null): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    try {
      storage?.setItem(KEY, JSON.stringify(store.get()));
    } catch {
      // full or blocked: the settings last as long as the page
    }
  };
  store.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY_MS);
  });
  globalThis.addEventListener?.("pagehide", save);
}

/** localStorage, or nothing where the browser blocks it. */
export function localStorageOrNull(): Storage | null {
  try {
    return localStorage;
  } catch {
    return null;
  }
}
