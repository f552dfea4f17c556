/**
 * Files in the origin private file system. A write is seen whole or not at all: the browser swaps the file in when it is closed. Where the
 * page itself cannot write, as in Safari before 26, a worker does, in place.
 */
import * as Comlink from "comlink";
import type { FileWriter } from "../../workers/files.worker.ts";
import writerUrl from "../../workers/files.worker.ts?worker&url";
import { startWorker } from "./start-worker";

export interface Files {
  /** @throws DOMException QuotaExceededError, or EngineError DiskFull, when the disk or the browser's share of it is full */
  write(name: string, content: Blob): Promise<void>;
  /** @throws DOMException NotFoundError */
  read(name: string): Promise<File>;
  /** What is not there is passed over. */
  remove(name: string): Promise<void>;
  names(): Promise<string[]>;
}

/** @throws DOMException where the browser blocks it (private windows, some settings) */
export async function openFiles(folder: string): Promise<Files> {
  const root = await navigator.storage.getDirectory();
  const directory = await root.getDirectoryHandle(folder, { create: true });
  return {
    async write(name, content) {
      if (typeof FileSystemFileHandle === "undefined" || !("createWritable" in FileSystemFileHandle.prototype))
        return writer().write(folder, name, content);
      const handle = await directory.getFileHandle(name, { create: true });
      const stream = await handle.createWritable();
      // Closes the stream at the end; on an error it is aborted, and the file stays as it was.
      await content.stream().pipeTo(stream);
    },
    read: async (name) => (await directory.getFileHandle(name)).getFile(),
    async remove(name) {
      try {
        await directory.removeEntry(name);
      } catch (error) {
        if ((error as DOMException).name !== "NotFoundError") throw error;
      }
    },
    async names() {
      const names: string[] = [];
      for await (const name of directory.keys()) names.push(name);
      return names;
    },
  };
}

let startedWriter: Comlink.Remote<FileWriter> | undefined;

function writer(): Comlink.Remote<FileWriter> {
  startedWriter ??= Comlink.wrap<FileWriter>(startWorker(writerUrl, "files"));
  return startedWriter;
}
