/** A downloaded hub repository as a model's folder: its files come from the cache, the network is not asked. */
import { EngineError } from "../../../errors.ts";
import type { RepositoryFile } from "../../../protocol.ts";
import type { ContentCache } from "../cache/content-cache.ts";
import type { FolderFiles } from "../folder-files.ts";

export function cachedFiles(files: readonly RepositoryFile[], cache: ContentCache): FolderFiles {
  const contents = new Map(files.map(({ path, content }) => [path, content]));
  const blob = async (path: string): Promise<Blob> => {
    const content = contents.get(path);
    const kept = content && (await cache.get(content));
    if (kept) return kept;
    throw new EngineError("ModelFileMissing", `The model file ${path} is not downloaded; download the model again.`);
  };
  return {
    blob,
    list: async () => [...contents.keys()],
    async read(path, { onProgress } = {}) {
      const bytes = new Uint8Array(await (await blob(path)).arrayBuffer());
      onProgress?.(bytes.length);
      return bytes;
    },
  };
}
