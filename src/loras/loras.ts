/** LoRAs that are kept in the browser: what is known of them in local storage, their bytes in the private file system. Knows no React. */
import * as v from "valibot";
import type { LoraFile, MergedLora, ModelInfo } from "../../workers/protocol";
import { EngineError, toEngineError } from "../engine/client";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { KeptTexts } from "../storage/browser";
import type { Files } from "../storage/files";

const keptLora = v.object({
  /** of the file */
  name: v.string(),
  bytes: v.number(),
  /** 0 to 2, 1 as it was trained */
  scale: v.pipe(v.number(), v.finite()),
  /** ids of the models that it is switched on for: one that fits a model fits few others */
  models: v.array(v.string()),
});
export type KeptLora = v.InferOutput<typeof keptLora>;

export interface LoraState {
  list: KeptLora[];
  /** a file was dropped on the page: its list is to be seen */
  dropped: boolean;
  /** why one could not be kept */
  problem: string;
}

export interface Loras {
  store: ReadOnlyStore<LoraState>;
  /** Keeps a file, switched on for a model. One of the same name is replaced. */
  add(file: File, model: string): Promise<void>;
  drop(file: File, model: string): Promise<void>;
  change(name: string, change: Partial<Pick<KeptLora, "scale" | "models">>): void;
  remove(name: string): Promise<void>;
  seen(): void;
  /** What is to be merged into a model. @throws EngineError where a file is gone */
  filesFor(model: string): Promise<LoraFile[]>;
}

export const isLora = ({ name }: File) => /\.safetensors$/i.test(name);

/** As prompts and other tools call it. */
export const loraTitle = (name: string) => name.replace(/\.safetensors$/i, "");

const KEPT = "darkroom.loras";

export function createLoras(open: () => Promise<Files>, storage: KeptTexts | null): Loras {
  const store = createStore<LoraState>({ list: readList(storage), dropped: false, problem: "" });
  const keep = (list: KeptLora[]) => {
    store.set({ list });
    storage?.setItem(KEPT, JSON.stringify(list));
  };
  async function add(file: File, model: string): Promise<void> {
    store.set({ problem: "" });
    const { name, size: bytes } = file;
    try {
      if (!isLora(file)) throw new Error("it is no .safetensors file");
      await (await open()).write(name, file);
    } catch (error) {
      const { message } = error as Error;
      return store.set({ problem: `${name} could not be kept (${message}); choose another file or delete a model.` });
    }
    const { list } = store.get();
    const earlier = list.find((one) => one.name === name);
    const models = [...new Set([...(earlier?.models ?? []), model])];
    keep([...list.filter((one) => one !== earlier), { name, bytes, scale: earlier?.scale ?? 1, models }]);
  }
  return {
    store,
    add,
    async drop(file, model) {
      store.set({ dropped: true });
      await add(file, model);
    },
    change: (name, change) => keep(store.get().list.map((one) => (one.name === name ? { ...one, ...change } : one))),
    async remove(name) {
      await (await open()).remove(name);
      keep(store.get().list.filter((one) => one.name !== name));
    },
    seen: () => store.set({ dropped: false, problem: "" }),
    async filesFor(model) {
      const chosen = chosenFor(store.get().list, model);
      if (chosen.length === 0) return [];
      try {
        const files = await open();
        return await Promise.all(
          chosen.map(async ({ name, scale }) => ({ name, scale, file: await files.read(name) })),
        );
      } catch (error) {
        const names = chosen.map(({ name }) => name).join(", ");
        throw new EngineError(
          "ModelFileMissing",
          `${names} cannot be read (${toEngineError(error).message}); delete it under Models and add it again.`,
        );
      }
    },
  };
}

export function chosenFor(list: readonly KeptLora[], model: string): KeptLora[] {
  return list.filter(({ models }) => models.includes(model));
}

/** Whether what is switched on is what the loaded model holds. */
export function isApplied(list: readonly KeptLora[], info: ModelInfo | null): boolean {
  const key = (loras: readonly Pick<MergedLora, "name" | "scale">[]) =>
    JSON.stringify(loras.map(({ name, scale }) => [name, scale]));
  return info !== null && key(chosenFor(list, info.id)) === key(info.loras ?? []);
}

/** Entries that another version, or another hand, wrote otherwise are left out. */
function readList(storage: KeptTexts | null): KeptLora[] {
  let kept: unknown;
  try {
    kept = JSON.parse(storage?.getItem(KEPT) ?? "[]");
  } catch {
    return [];
  }
  return Array.isArray(kept) ? kept.filter((one) => v.is(keptLora, one)) : [];
}
