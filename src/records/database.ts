/** The records that outlast the page, in IndexedDB. The pictures' bytes lie beside them, in files.ts. */
import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { Step } from "../../workers/protocol";
import type { PictureRecord } from "./picture";
import type { UnfinishedRecord } from "./unfinished";

interface Schema extends DBSchema {
  pictures: { key: string; value: PictureRecord };
  unfinished: { key: string; value: UnfinishedRecord };
  /** by run and place; here and not in files, since a step is written in one transaction or not at all */
  steps: { key: [run: string, place: number]; value: Step };
}

export type Database = IDBPDatabase<Schema>;

/** @throws DOMException where the browser blocks IndexedDB */
export async function openDatabase(): Promise<Database> {
  return openDB<Schema>("darkroom", 2, {
    upgrade(database, from) {
      if (from < 1) database.createObjectStore("pictures", { keyPath: "id" });
      if (from < 2) {
        database.createObjectStore("unfinished", { keyPath: "id" });
        database.createObjectStore("steps");
      }
    },
    // A newer version of the page, in another tab, must not wait for this one.
    blocking: (_current, _blocked, event) => (event.target as IDBDatabase).close(),
  });
}
