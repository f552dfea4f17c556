/** Writes files where the page itself cannot, as in Safari before 26: synchronous access handles exist only in workers. */
import * as Comlink from "comlink";
import { toEngineError } from "./errors.ts";
import { opfsStore } from "./models/sources/cache/opfs-store.ts";

/** Bytes of a file in memory at a time. */
const CHUNK_BYTES = 2 ** 24;

const writer = {
  /** @throws EngineError DiskFull, StorageUnavailable, Busy; nothing half-written stays */
  async write(folder: string, name: string, content: Blob): Promise<void> {
    try {
      const store = await opfsStore(folder);
      await store.remove(name);
      const file = await store.writer(name);
      try {
        for (let at = 0; at < content.size; at += CHUNK_BYTES) {
          await file.write(new Uint8Array(await content.slice(at, at + CHUNK_BYTES).arrayBuffer()), at);
        }
      } catch (error) {
        await file.close();
        await store.remove(name);
        throw error;
      }
      await file.close();
    } catch (error) {
      throw toEngineError(error);
    }
  },
};

export type FileWriter = typeof writer;
Comlink.expose(writer);
