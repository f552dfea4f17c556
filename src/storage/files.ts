/** Files in the origin private file system. A write is seen whole or not at all: the browser swaps the file in when it is closed. */

export interface Files {
  /** @throws DOMException QuotaExceededError when the disk or the browser's share of it is full */
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
