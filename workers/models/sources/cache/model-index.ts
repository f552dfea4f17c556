/** Which models the cache holds: one record a model beside the contents, which models may share. */
import * as v from "valibot";
import { EngineError } from "../../../errors.ts";
import type { OfferedModel, RepositoryFile } from "../../../protocol.ts";
import type { ByteStore } from "./byte-store.ts";
import { type ContentCache, contentCache } from "./content-cache.ts";

const content = v.object({
  algorithm: v.picklist(["sha256", "git-blob"]),
  digest: v.pipe(v.string(), v.hexadecimal()),
  bytes: v.pipe(v.number(), v.safeInteger(), v.minValue(0)),
});
const files = v.array(v.object({ path: v.string(), content }));
/** absent, once JSON has left out what is undefined */
const license = v.optional(v.string());
const precision = v.picklist(["float16", "float32", "quantized", "as published"]);

const recordSchema = v.object({
  /** names the model in the cache: letters, digits, dots, dashes and underscores */
  id: v.string(),
  title: v.string(),
  license,
  files,
  /** absent for a copied folder */
  offer: v.exactOptional(
    v.object({
      id: v.string(),
      title: v.string(),
      address: v.object({
        hub: v.string(),
        repository: v.string(),
        revision: v.string(),
        folder: v.exactOptional(v.string()),
      }),
      commit: v.string(),
      license,
      gated: v.boolean(),
      files,
      parts: v.array(v.object({ part: v.string(), precision })),
      bytes: v.number(),
    }),
  ),
});

export interface CachedModel {
  readonly id: string;
  readonly title: string;
  readonly license: string | undefined;
  readonly files: readonly RepositoryFile[];
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
      const model = readRecord((await (await records.blob(name))?.text()) ?? "");
      if (model) models.push(model);
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

/** Undefined where a kill tore the record while it was written, another thread is writing it, or another version wrote it. */
function readRecord(text: string): CachedModel | undefined {
  try {
    // JSON leaves out a license that is undefined, which the type asks to be there.
    return v.parse(recordSchema, JSON.parse(text)) as CachedModel;
  } catch {
    return undefined;
  }
}
