/**
 * The files of models from an address, kept in the origin private file system as models/<id>/<sha256>. A file grows as it arrives: one
 * that is shorter than its manifest says is the beginning of it.
 */
import type { ModelSource } from "../../protocol.ts";
import type { FileRecord } from "./model-files.ts";

export interface FileCache {
  /** bytes of what is there, 0 where there is nothing */
  size(key: string): Promise<number>;
  get(key: string): Promise<Uint8Array<ArrayBuffer> | undefined>;
  /** Opens a file to be written; undefined while another tab writes it. */
  writer(key: string): Promise<FileCacheWriter | undefined>;
  remove(key: string): Promise<void>;
}

export interface FileCacheWriter {
  /** Writes at an offset, and cuts off what was behind. False where the disk is full: what was there stays. */
  write(bytes: Uint8Array<ArrayBuffer>, at: number): boolean;
  close(): void;
}

/** undefined where the browser has no private file system (a private window, say) */
export async function openFileCache(
  source: Extract<ModelSource, { url: string }>,
  expected: FileRecord,
): Promise<FileCache | undefined> {
  // The models' folders are siblings: a file that two of them share is kept once, with the one that it belongs to.
  const id = expected.folder?.split("/").at(-2) ?? source.id;
  let folder: FileSystemDirectoryHandle;
  try {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle("models", { create: true });
    folder = await models.getDirectoryHandle(id, { create: true });
  } catch {
    return undefined;
  }
  const file = async (key: string) => {
    try {
      return await (await folder.getFileHandle(key)).getFile();
    } catch {
      return undefined;
    }
  };
  return {
    size: async (key) => (await file(key))?.size ?? 0,
    async get(key) {
      try {
        const found = await file(key);
        return found && new Uint8Array(await found.arrayBuffer());
      } catch {
        return undefined;
      }
    },
    async writer(key) {
      try {
        return writing(await (await folder.getFileHandle(key, { create: true })).createSyncAccessHandle());
      } catch {
        return undefined;
      }
    },
    remove: (key) => folder.removeEntry(key).catch(() => {}),
  };
}

function writing(access: FileSystemSyncAccessHandle): FileCacheWriter {
  return {
    write(bytes, at) {
      try {
        if (access.getSize() > at) access.truncate(at);
        // On a full disk Chromium returns its error code as a huge number, and throws nothing.
        if (access.write(bytes, { at }) === bytes.length) return true;
      } catch {
        // full, as the other browsers say it
      }
      access.truncate(at);
      return false;
    },
    close() {
      try {
        access.flush();
      } finally {
        access.close();
      }
    },
  };
}
