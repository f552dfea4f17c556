/** The pictures that were kept: written once each, a file first and its record last, so that nothing is ever half there. */

import type { Database } from "../records/database";
import { type PictureRecord, pictureFile, recordOf, thumbnailFile } from "../records/picture";
import { isOver, type Run } from "../runs/run";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { Files } from "../storage/files";
import { persist, readUsage, type Usage } from "../storage/usage";
import { formatBytes } from "../ui/format";

export interface GalleryState {
  status: "opening" | "ready" | "blocked";
  /** newest first */
  records: readonly PictureRecord[];
  /** what was deleted last and can come back */
  deleted: readonly PictureRecord[];
  /** why pictures are not kept, and what helps */
  problem: string | null;
  usage: Usage | null;
}

export interface Gallery {
  store: ReadOnlyStore<GalleryState>;
  /** Keeps a finished run; a run that is there already is passed over. */
  keep(run: Run): Promise<void>;
  /** Takes in a picture from elsewhere. False when it is there already. */
  add(record: PictureRecord, png: Blob): Promise<boolean>;
  remove(ids: readonly string[]): Promise<void>;
  /** Brings back what was deleted last, as long as its bytes are there. */
  undo(): Promise<void>;
  /** Frees the bytes of what was deleted; there is no way back then. */
  settle(): Promise<void>;
  picture(id: string): Promise<File>;
  thumbnail(id: string): Promise<File>;
  /** Asks the browser not to clear the page's data when the disk is nearly full. */
  persist(): Promise<void>;
  refreshUsage(): Promise<void>;
}

export interface GalleryParts {
  open(): Promise<{ database: Database; files: Files }>;
  /** a small picture for the grid */
  shrink(png: Blob): Promise<Blob>;
  /** one tab at a time writes or cleans up */
  locked<T>(job: () => Promise<T>): Promise<T>;
  /** tells the other tabs, and is told by them */
  channel: Pick<BroadcastChannel, "postMessage" | "addEventListener"> | null;
}

const BLOCKED =
  "The browser keeps nothing for this page (a private window, or its data is blocked): pictures last until it is closed. Download what you want to keep.";

export function createGallery({ open, shrink, locked, channel }: GalleryParts): Gallery {
  const store = createStore<GalleryState>({
    status: "opening",
    records: [],
    deleted: [],
    problem: null,
    usage: null,
  });

  const opened = open();
  opened.catch(() => {}); // told of below, and by whatever waits for it

  async function reload(): Promise<void> {
    const { database } = await opened;
    const records = await database.getAll("pictures");
    store.set({ status: "ready", records: records.sort((a, b) => b.created - a.created) });
  }

  /** Files without a record: a tab was closed while it wrote, or the picture was deleted. */
  async function clean(): Promise<void> {
    const { database, files } = await opened;
    const known = new Set(
      (await database.getAllKeys("pictures")).flatMap((id) => [pictureFile(id), thumbnailFile(id)]),
    );
    for (const name of await files.names()) if (!known.has(name)) await files.remove(name);
  }

  async function refreshUsage(): Promise<void> {
    store.set({ usage: await readUsage() });
  }

  void (async () => {
    try {
      await locked(clean);
      await reload();
      await refreshUsage();
    } catch {
      store.set({ status: "blocked", problem: BLOCKED });
    }
  })();
  channel?.addEventListener("message", () => void reload().catch(() => {}));

  async function write(record: PictureRecord, png: Blob): Promise<void> {
    const { database, files } = await opened;
    const thumbnail = await shrink(png);
    await locked(async () => {
      try {
        await files.write(pictureFile(record.id), png);
        await files.write(thumbnailFile(record.id), thumbnail);
        await database.put("pictures", record);
      } catch (error) {
        for (const name of [pictureFile(record.id), thumbnailFile(record.id)]) await files.remove(name);
        throw error;
      }
    });
    store.set(({ records }) => ({
      records: [record, ...records].sort((a, b) => b.created - a.created),
      problem: null,
    }));
    channel?.postMessage("changed");
    await refreshUsage();
  }

  const has = (id: string) => store.get().records.some((record) => record.id === id);

  async function explain(error: unknown): Promise<void> {
    if (store.get().status === "blocked") return;
    const { name, message } = error as DOMException;
    if (name !== "QuotaExceededError" && name !== "DiskFull") {
      store.set({ problem: `The picture was made but could not be kept (${message}). Download it.` });
      return;
    }
    await refreshUsage();
    const { usage } = store.get();
    const room = usage ? ` ${formatBytes(usage.used)} of ${formatBytes(usage.quota)} are in use.` : "";
    store.set({
      problem: `The picture was made but not kept: there is no room left.${room} Delete pictures in the gallery or models that you no longer use, and download this one.`,
    });
  }

  async function settle(): Promise<void> {
    const { deleted } = store.get();
    if (deleted.length === 0) return;
    store.set({ deleted: [] });
    const { files } = await opened;
    for (const { id } of deleted) {
      await files.remove(pictureFile(id));
      await files.remove(thumbnailFile(id));
    }
    await refreshUsage();
  }

  return {
    store,
    async keep(run) {
      if (!isOver(run) || !run.png || has(run.id)) return;
      try {
        await write(recordOf(run, Date.now()), run.png);
      } catch (error) {
        await explain(error);
      }
    },
    async add(record, png) {
      if (has(record.id)) return false;
      await write(record, png);
      return true;
    },
    async remove(ids) {
      await settle();
      const { database } = await opened;
      const gone = store.get().records.filter(({ id }) => ids.includes(id));
      for (const { id } of gone) await database.delete("pictures", id);
      store.set(({ records }) => ({ records: records.filter(({ id }) => !ids.includes(id)), deleted: gone }));
      channel?.postMessage("changed");
    },
    async undo() {
      const { database, files } = await opened;
      const names = new Set(await files.names());
      for (const record of store.get().deleted) {
        if (names.has(pictureFile(record.id))) await database.put("pictures", record);
      }
      store.set({ deleted: [] });
      await reload();
      channel?.postMessage("changed");
    },
    settle,
    picture: async (id) => (await opened).files.read(pictureFile(id)),
    thumbnail: async (id) => (await opened).files.read(thumbnailFile(id)),
    async persist() {
      await persist();
      await refreshUsage();
    },
    refreshUsage,
  };
}
