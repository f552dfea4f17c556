/** Settings from a file or a link into the form, now or once a model is there. Knows no React. */
import type { ModelInfo } from "../../workers/protocol";
import type { Form } from "../settings/form";
import { createStore, type ReadOnlyStore, type Store } from "../state/store";
import type { Found, Source } from "./found";
import { readLink } from "./link";
import { NO_SETTINGS, readSettings, settingsOfText } from "./read-settings";
import { restore } from "./restore";

export interface OpeningState {
  /** what was taken over last, until it is put away */
  opened: { source: Source; unmapped: readonly string[] } | null;
  /** why nothing was taken over, and what helps */
  error: string | null;
  /** what was opened, when it was a file */
  file: File | null;
}

export interface Opening {
  store: ReadOnlyStore<OpeningState>;
  /** Takes over the settings that a picture holds. */
  open(file: File): Promise<void>;
  /** The same; false, and nothing is said, where the file holds no settings. */
  take(file: File): Promise<boolean>;
  /** Takes over settings that were copied as text. False, and nothing is said, where it is none. */
  openText(text: string): boolean;
  /** True where the fragment is one with settings, readable or not. */
  openLink(fragment: string): boolean;
  /** What was opened before the model was there is taken over now. */
  modelLoaded(): void;
  dismiss(): void;
}

const NOTHING: OpeningState = { opened: null, error: null, file: null };

export function createOpening(
  form: Store<Form>,
  loadedModel: () => ModelInfo | null,
  leaveBranch: () => void,
): Opening {
  const store = createStore<OpeningState>(NOTHING);
  let waiting: Found | null = null;

  function apply(found: Found): void {
    const info = loadedModel();
    waiting = info ? null : found;
    if (!info) return;
    leaveBranch();
    const restored = restore(form.get(), found, info);
    form.set(restored.form);
    store.set({ opened: { source: found.source, unmapped: restored.unmapped }, error: null });
  }

  const refuse = (error: unknown) => store.set({ opened: null, error: (error as Error).message });

  async function open(file: File): Promise<boolean> {
    store.set({ ...NOTHING, file });
    try {
      const found = await readSettings(file);
      if (found) apply(found);
      return found !== null;
    } catch (error) {
      refuse(error);
      return true;
    }
  }

  return {
    store,
    take: open,
    async open(file) {
      if (!(await open(file))) store.set({ error: NO_SETTINGS });
    },
    openText(text) {
      store.set(NOTHING);
      try {
        const found = settingsOfText(text);
        if (found) apply(found);
        return found !== null;
      } catch (error) {
        refuse(error);
        return true;
      }
    },
    openLink(fragment) {
      try {
        const found = readLink(fragment);
        store.set(NOTHING);
        if (found) apply(found);
        return found !== null;
      } catch (error) {
        store.set(NOTHING);
        refuse(error);
        return true;
      }
    },
    modelLoaded: () => waiting && apply(waiting),
    dismiss: () => store.set(NOTHING),
  };
}
