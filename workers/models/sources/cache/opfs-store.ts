/** A byte store in a folder of the origin private file system. Writing needs a worker: synchronous access handles exist only there. */
import { EngineError } from "../../../errors.ts";
import type { ByteStore } from "./byte-store.ts";
import { diskFull } from "./disk-full.ts";

/** @throws EngineError where the browser has no private file system (some private windows) */
export async function opfsStore(...path: string[]): Promise<ByteStore> {
  let folder: FileSystemDirectoryHandle;
  try {
    folder = await navigator.storage.getDirectory();
    for (const name of path) folder = await folder.getDirectoryHandle(name, { create: true });
  } catch {
    throw new EngineError(
      "StorageUnavailable",
      isSecureContext
        ? "This browser keeps no files for this page (a private window, or blocked site data); open the page in an ordinary window and allow it site data."
        : "Browsers keep no files for a page over http; open the page over https.",
    );
  }
  return {
    async blob(name) {
      try {
        return await (await folder.getFileHandle(name)).getFile();
      } catch (error) {
        if (isNamed(error, "NotFoundError")) return undefined;
        throw error;
      }
    },
    async writer(name) {
      const access = await openForWriting(folder, name);
      return {
        get size() {
          return access.getSize();
        },
        async read(start, end) {
          const bytes = new Uint8Array(end - start);
          return bytes.subarray(0, access.read(bytes, { at: start }));
        },
        async write(bytes, at) {
          const before = access.getSize();
          try {
            // Not `<`: on a full disk Chromium returns its error code -8 as an unsigned number, 4294967288, and throws nothing.
            if (access.write(bytes as Uint8Array<ArrayBuffer>, { at }) !== bytes.length) throw diskFull();
            access.flush();
          } catch (error) {
            if (access.getSize() > before) access.truncate(before);
            throw isNamed(error, "QuotaExceededError") ? diskFull() : error;
          }
        },
        close: async () => access.close(),
      };
    },
    async remove(name) {
      await folder.removeEntry(name).catch((error: unknown) => {
        if (!isNamed(error, "NotFoundError")) throw error;
      });
    },
    async list() {
      const files: { name: string; bytes: number }[] = [];
      for await (const [name, handle] of folder.entries()) {
        if (handle.kind === "file")
          files.push({ name, bytes: (await (handle as FileSystemFileHandle).getFile()).size });
      }
      return files;
    },
  };
}

async function openForWriting(folder: FileSystemDirectoryHandle, name: string) {
  try {
    return await (await folder.getFileHandle(name, { create: true })).createSyncAccessHandle();
  } catch (error) {
    if (isNamed(error, "QuotaExceededError")) throw diskFull();
    if (isNamed(error, "NoModificationAllowedError")) {
      throw new EngineError(
        "Busy",
        "Another tab is fetching the same model; wait for it, or close that tab and try again.",
      );
    }
    throw error;
  }
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}
