/**
 * A model's folder at an address, its checked files kept in the origin private file system under their SHA-256: an update of the
 * app, or of one file of the model, fetches nothing that is already here.
 */
import { EngineError } from "../../errors.ts";
import type { ModelSource } from "../../protocol.ts";
import { diskFull } from "./cache/disk-full.ts";
import {
  type FileRecord,
  type ModelFiles,
  type ReadOptions,
  readChecked,
  readManifest,
  sha256,
} from "./model-files.ts";
import { chunksOf } from "./read-body.ts";

type UrlSource = Extract<ModelSource, { url: string }>;

export function httpFiles(source: UrlSource): ModelFiles {
  return {
    async read(path, options = {}) {
      const { expected, fresh } = options;
      if (!expected) return download(source, path, options);
      const cache = await openCache(source, expected);
      if (!fresh) {
        const kept = await cache?.get(expected.sha256);
        if (kept) {
          options.onProgress?.(kept.length);
          return kept;
        }
      }
      await cache?.delete(expected.sha256);
      const bytes = await download(source, path, options);
      // Only what is whole and right is kept; what is wrong is for the caller to judge.
      if (cache && bytes.length === expected.bytes && (await sha256(bytes)) === expected.sha256) {
        await cache.put(expected.sha256, bytes);
      }
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
    const cache = await openCache(source, expected);
    if (cache && !(await cache.has(expected.sha256))) await readChecked(files, manifest, path);
  }
}

async function download(source: UrlSource, path: string, options: ReadOptions): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL((options.expected?.folder ?? "") + path, source.url);
  let response: Response;
  try {
    response = await fetch(url, { cache: options.fresh ? "reload" : "no-cache" });
  } catch {
    throw unreachable(path);
  }
  if (response.status === 404 || response.status === 410) {
    throw new EngineError(
      "ModelFileMissing",
      `The model file ${path} is not at ${url.host}; put it there and load again.`,
    );
  }
  if (!response.ok) {
    throw new EngineError(
      "NetworkFailed",
      `${url.host} answered ${response.status} for the model file ${path}; try again later.`,
    );
  }
  const chunks: Uint8Array[] = [];
  let loaded = 0;
  for await (const chunk of chunksOf(response, () => unreachable(path))) {
    chunks.push(chunk);
    loaded += chunk.length;
    options.onProgress?.(loaded);
  }
  const bytes = new Uint8Array(loaded);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function unreachable(path: string): EngineError {
  return new EngineError(
    "NetworkFailed",
    `The model file ${path} cannot be fetched; check the connection and load again.`,
  );
}

interface Cache {
  has(key: string): Promise<boolean>;
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  put(key: string, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  delete(key: string): Promise<void>;
}

/** models/<id>/<sha256>; undefined where the browser has no private file system (a private window, say). */
async function openCache(source: UrlSource, expected: FileRecord): Promise<Cache | undefined> {
  // The models' folders are siblings: a file that two of them share is kept once, with the one that it belongs to.
  const id = expected.folder?.split("/").at(-2) ?? source.id;
  let folder: FileSystemDirectoryHandle;
  try {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle("models", { create: true });
    folder = await models.getDirectoryHandle(id, { create: true });
  } catch {
    return undefined;
  }
  const remove = (key: string) => folder.removeEntry(key).catch(() => {});
  return {
    has: (key) =>
      folder.getFileHandle(key).then(
        () => true,
        () => false,
      ),
    async get(key) {
      try {
        const file = await (await folder.getFileHandle(key)).getFile();
        return new Uint8Array(await file.arrayBuffer());
      } catch {
        return undefined;
      }
    },
    async put(key, bytes) {
      try {
        const access = await (await folder.getFileHandle(key, { create: true })).createSyncAccessHandle();
        try {
          access.truncate(0);
          // On a full disk Chromium returns its error code as a huge number, and throws nothing.
          if (access.write(bytes, { at: 0 }) !== bytes.length) throw diskFull();
          access.flush();
        } finally {
          access.close();
        }
      } catch {
        // A full disk or another tab writing the same file: the model runs from memory, and is fetched again next time.
        await remove(key);
      }
    },
    delete: remove,
  };
}
