/** The form in localStorage, so that the settings survive a reload. */
import type { Store } from "../state/store";
import type { KeptTexts } from "../storage/browser";
import { emptyForm, type Form } from "./form";

const KEY = "darkroom.settings";
const DELAY_MS = 300;

/** What was kept, field by field: a field that is missing or of another type is the empty form's. */
export function readForm(storage: KeptTexts | null): Form {
  const form = emptyForm();
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return form;
    const entries = Object.entries(kept).filter(
      ([key, value]) => value !== null && typeof value === typeof form[key as keyof Form],
    );
    return { ...form, ...Object.fromEntries(entries) };
  } catch {
    return form; // not ours: start with the defaults
  }
}

export function keepForm(store: Store<Form>, storage: KeptTexts | null): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const save = () => {
    clearTimeout(timer);
    storage?.setItem(KEY, JSON.stringify(store.get()));
  };
  store.subscribe(() => {
    clearTimeout(timer);
    timer = setTimeout(save, DELAY_MS);
  });
  globalThis.addEventListener?.("pagehide", save);
}
