/** A byte store in memory, of a given capacity: for tests, and for browsers without a private file system. */
import type { ByteStore } from "./byte-store.ts";
import { diskFull } from "./disk-full.ts";

export function memoryStore(capacity = Number.POSITIVE_INFINITY): ByteStore {
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  const used = () => [...files.values()].reduce((sum, { length }) => sum + length, 0);
  return {
    blob: async (name) => {
      const bytes = files.get(name);
      return bytes && new Blob([bytes]);
    },
    async writer(name) {
      if (!files.has(name)) files.set(name, new Uint8Array());
      const current = () => files.get(name) ?? new Uint8Array();
      return {
        get size() {
          return current().length;
        },
        read: async (start, end) => current().slice(start, end),
        async write(bytes, at) {
          const before = current();
          const length = Math.max(before.length, at + bytes.length);
          if (used() - before.length + length > capacity) throw diskFull();
          const after = length === before.length ? before : new Uint8Array(length);
          if (after !== before) after.set(before);
          after.set(bytes, at);
          files.set(name, after);
        },
        close: async () => {},
      };
    },
    remove: async (name) => void files.delete(name),
    list: async () => [...files].map(([name, { length }]) => ({ name, bytes: length })),
  };
}
