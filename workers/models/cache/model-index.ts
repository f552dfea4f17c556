/** Which models the cache holds: one record a model beside the contents, which models may share. */
import { EngineError } from "../../errors.ts";
import type { OfferedModel } from "../../protocol.ts";
import type { ByteStore } from "./byte-store.ts";
import { type ContentCache, contentCache } from "./content-cache.ts";
import type { ContentId } from "./content-id.ts";

export interface CachedModel {
  /** names the model in the cache: letters, digits, dots, dashes and underscores */
  readonly id: string;
  readonly title: string;
  readonly license: string | undefined;
  readonly files: readonly { readonly path: string; readonly content: ContentId }[];
  /** absent for a copied folder */
  readonly offer?: OfferedModel;
}

export interface ModelCache {
  readonly contents: ContentCache;
  list(): Promise<CachedModel[]>;
  /** @throws EngineError ModelFileMissing */
  find(id: string): Promise<CachedModel>;
  /** Records a model, before its download begins: what is half here can then be seen and deleted. */
  put(model: CachedModel): Promise<void>;
  /** Deletes a model and those of its contents that no other model has. */
  remove(id: string): Promise<void>;
  /** bytes of all contents, those half here among them, and of their journals */
  usedBytes(): Promise<number>;
}

export function modelCache(records: ByteStore, store: ByteStore, partBytes: number): ModelCache {
  const contents = contentCache(store, partBytes);
  const nameOf = (id: string) => `${id}.json`;
  const list = async (): Promise<CachedModel[]> => {
    const models: CachedModel[] = [];
    for (const { name } of await records.list()) {
      const text = await (await records.blob(name))?.text();
      try {
        models.push(JSON.parse(text ?? "") as CachedModel);
      } catch {
        // A kill tore the record while it was written, or another thread is writing it: no content was fetched for it yet.
      }
    }
    return models.sort((a, b) => a.title.localeCompare(b.title));
  };
  return {
    contents,
    list,
    async find(id) {
      const model = (await list()).find((one) => one.id === id);
      if (model) return model;
      throw new EngineError("ModelFileMissing", `The model ${id} is no longer in this browser; download it again.`);
    },
    async put(model) {
      const name = nameOf(model.id);
      const text = JSON.stringify(model);
      if ((await (await records.blob(name))?.text())?.trimEnd() === text) return;
      const writer = await records.writer(name);
      try {
        // In place, so that a full disk does not cost the record that is there; spaces cover what was longer.
        await writer.write(new TextEncoder().encode(text.padEnd(writer.size)), 0);
      } finally {
        await writer.close();
      }
    },
    async remove(id) {
      const models = await list();
      const kept = new Set(
        models.filter((model) => model.id !== id).flatMap(({ files }) => files.map(({ content }) => content.digest)),
      );
      for (const { content } of models.find((model) => model.id === id)?.files ?? []) {
        if (!kept.has(content.digest)) await contents.remove(content);
      }
      await records.remove(nameOf(id));
    },
    usedBytes: async () => (await store.list()).reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
