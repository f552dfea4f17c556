/**
 * A model's folder at an address, its checked files kept in the origin private file system under their SHA-256: an update of the
 * app, or of one file of the model, fetches nothing that is already here, and neither does a connection that broke.
 */
import type { ModelSource } from "../../protocol.ts";
import { type FetchOptions, fetchFile } from "./fetch-file.ts";
import { openFileCache } from "./file-cache.ts";
import { type ModelFiles, readChecked, readManifest, sha256 } from "./model-files.ts";

type UrlSource = Extract<ModelSource, { url: string }>;

/** @param wait between two tries */
export function httpFiles(source: UrlSource, wait?: FetchOptions["wait"]): ModelFiles {
  const model = source.title ?? source.id;
  return {
    async read(path, { expected, fresh, onProgress } = {}) {
      const url = new URL((expected?.folder ?? "") + path, source.url);
      if (!expected) return fetchFile(url, { model, path, fresh, onProgress, wait });
      const { bytes: size, sha256: key } = expected;
      const cache = await openFileCache(source, expected);
      const kept = fresh ? undefined : await cache?.get(key);
      if (kept?.length === size) {
        onProgress?.(size);
        return kept;
      }
      if (fresh) await cache?.remove(key);
      const start = kept && kept.length < size ? kept : undefined;
      let writer = await cache?.writer(key);
      let isFull = false;
      const onChunk = (chunk: Uint8Array<ArrayBuffer>, at: number) => {
        if (!writer || writer.write(chunk, at)) return;
        writer.close();
        writer = undefined;
        isFull = true;
      };
      let bytes: Uint8Array<ArrayBuffer>;
      try {
        bytes = await fetchFile(url, { model, path, size, start, fresh, onChunk, onProgress, wait });
      } finally {
        writer?.close();
        // The model runs from memory then, and is fetched again next time.
        if (isFull) await cache?.remove(key);
      }
      // What is wrong is for the caller to judge, and not kept.
      if (bytes.length !== size || (await sha256(bytes)) !== key) await cache?.remove(key);
      return bytes;
    },
  };
}

/**
 * Fetches what of a model's files is not kept yet. Without a private file system to keep them in it fetches nothing.
 * @throws EngineError ModelFileMissing, ModelFileCorrupt, NetworkFailed
 */
export async function keepFiles(source: UrlSource): Promise<void> {
  const files = httpFiles(source);
  const manifest = await readManifest(files);
  if (!manifest) return;
  for (const [path, expected] of Object.entries(manifest.files)) {
    const cache = await openFileCache(source, expected);
    if (cache && (await cache.size(expected.sha256)) < expected.bytes) await readChecked(files, manifest, path);
  }
}
