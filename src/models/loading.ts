/** Loading a model: the progress, its speed and the time left. Knows no React. */
import type { DevicePreference, LoadProgress, LoraFile, ModelInfo } from "../../workers/protocol";
import { type EngineClient, type EngineError, toEngineError } from "../engine/client";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { Concepts } from "./concepts";
import { fetchConcepts, fetchModelList, type ModelEntry, sourceOf } from "./source";

export type Loading =
  | { kind: "listing" }
  | { kind: "loading"; progress: LoadProgress | null; bytesPerSecond: number | null }
  | { kind: "ready"; info: ModelInfo }
  | { kind: "cancelled" }
  | { kind: "failed"; error: EngineError };

export interface ModelState {
  list: ModelEntry[];
  id: string;
  loading: Loading;
  /** what the model says it was taught */
  concepts: Concepts | null;
}

export interface Models {
  store: ReadOnlyStore<ModelState>;
  /** what the visitor asked for */
  device: DevicePreference;
  /** Fetches the list and loads the first model, or the one that was used last. */
  open(preferred: string): Promise<void>;
  load(id: string): Promise<void>;
  /** Replaces the models that are not built in. */
  setOthers(entries: ModelEntry[]): void;
  cancel(): void;
  /** The engine was started again, with the model that it had. */
  restarted(info: ModelInfo): void;
}

export function modelInfo({ loading }: ModelState): ModelInfo | null {
  return loading.kind === "ready" ? loading.info : null;
}

export function createModels(
  engine: Pick<EngineClient, "load">,
  device: DevicePreference,
  /** the models that are not built in */
  others: () => Promise<ModelEntry[]> = async () => [],
  /** what is merged into a model as it is loaded */
  lorasFor: (id: string) => Promise<LoraFile[]> = async () => [],
): Models {
  const store = createStore<ModelState>({ list: [], id: "", loading: { kind: "listing" }, concepts: null });
  let abort: AbortController | null = null;

  async function load(id: string): Promise<void> {
    abort?.abort();
    const own = new AbortController();
    abort = own;
    const set = (loading: Loading) => {
      if (abort === own) store.set({ loading });
    };
    store.set({ id, loading: { kind: "loading", progress: null, bytesPerSecond: null }, concepts: null });
    const entry = store.get().list.find((model) => model.id === id);
    if (!entry?.source) void fetchConcepts(id).then((concepts) => abort === own && store.set({ concepts }));
    const speed = createSpeed();
    try {
      const loras = await lorasFor(id);
      const info = await engine.load(
        { ...(entry?.source ?? sourceOf(id, entry?.title)), ...(loras.length > 0 && { loras }) },
        device,
        (progress) =>
          set({ kind: "loading", progress, bytesPerSecond: speed(progress.loadedBytes, performance.now()) }),
        own.signal,
      );
      const { title } = entry ?? info;
      set({ kind: "ready", info: info.title === info.id ? { ...info, title } : info });
    } catch (caught) {
      const error = toEngineError(caught);
      set(error.name === "Cancelled" ? { kind: "cancelled" } : { kind: "failed", error });
    }
  }

  return {
    store,
    device,
    load,
    setOthers: (entries) => store.set(({ list }) => ({ list: [...list.filter(({ source }) => !source), ...entries] })),
    async open(preferred) {
      store.set({ loading: { kind: "listing" } });
      try {
        const builtIn = await fetchModelList();
        const list = [...builtIn, ...(await others())];
        store.set({ list });
        await load(list.find(({ id }) => id === preferred)?.id ?? list[0].id);
      } catch (caught) {
        store.set({ loading: { kind: "failed", error: toEngineError(caught) } });
      }
    },
    cancel: () => abort?.abort(),
    restarted: (info) => store.set({ loading: { kind: "ready", info } }),
  };
}

const WINDOW_MS = 3000;

/** Bytes per second over the last three seconds; null until half a second has passed. */
export function createSpeed(): (bytes: number, now: number) => number | null {
  const seen: { bytes: number; now: number }[] = [];
  return (bytes, now) => {
    seen.push({ bytes, now });
    while (seen.length > 2 && now - seen[0].now > WINDOW_MS) seen.shift();
    const elapsed = now - seen[0].now;
    return elapsed < 500 ? null : ((bytes - seen[0].bytes) * 1000) / elapsed;
  };
}
