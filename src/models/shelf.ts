/** The models that are in the browser or on their way there, and folders that are used in place. Knows no React. */
import * as Comlink from "comlink";
import type { ModelFolder, OfferedModel, Precision, StoredModel, TransferProgress } from "../../workers/protocol";
import { toEngineError } from "../engine/client";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { KeptTexts } from "../storage/browser";
import { persist, readUsage, type Usage } from "../storage/usage";
import { addressEntry, readFolderAddress } from "./folder-address";
import { readAddress, USUAL_HUB } from "./hub-address";
import type { OpenLibrary } from "./library-client";
import { createSpeed, type Models } from "./loading";
import { type ModelEntry, sourceOf } from "./source";

export interface Transfer {
  progress: TransferProgress | null;
  bytesPerSecond: number | null;
}

export interface Shelf {
  stored: StoredModel[];
  /** folders of this visit, used where they are */
  folders: ModelEntry[];
  /** folders on the page's own host */
  addresses: string[];
  usage: Usage | null;
  /** a repository that was listed, not yet downloaded */
  offer: OfferedModel | null;
  /** what is under way, by the model's id */
  transfers: Record<string, Transfer>;
  /** what the visitor is waiting for */
  busy: string;
  /** what went wrong last, or what was found out */
  word: string;
  failed: boolean;
  /** the hub's address; a mirror has to be allowed by the page's content policy */
  hub: string;
  /** licences whose conditions were accepted */
  accepted: string[];
}

export interface ModelShelf {
  store: ReadOnlyStore<Shelf>;
  entries(): Promise<ModelEntry[]>;
  refresh(): Promise<void>;
  list(typed: string, precision: Precision): Promise<void>;
  dismiss(): void;
  download(offer: OfferedModel): Promise<void>;
  pause(id: string): void;
  check(id: string): Promise<void>;
  remove(id: string): Promise<void>;
  /** A folder from the disk: used in place, or copied. */
  open(title: string, folder: ModelFolder, copy: boolean): Promise<void>;
  /** A folder on the page's own host, used from there. @throws Error with the remedy */
  openAddress(typed: string): void;
  /**
   * Fetches, behind, what the built-in models need later (the VAE's encoder, the twin). Quiet where the network fails or data is to be
   * saved: the engine fetches then, when something is asked for, and says so.
   */
  keepBuiltIn(): Promise<void>;
  /** @param id of an address's entry */
  forgetAddress(id: string): void;
  accept(license: string): void;
  setHub(hub: string): void;
  persist(): Promise<void>;
}

const HUB = "darkroom.hub";
const ADDRESSES = "darkroom.model-addresses";
const ACCEPTED = "darkroom.accepted-licenses";

export function createShelf(openLibrary: OpenLibrary, models: () => Models, storage: KeptTexts | null): ModelShelf {
  const store = createStore<Shelf>({
    stored: [],
    folders: [],
    addresses: (storage?.getItem(ADDRESSES) ?? "").split("\n").filter(Boolean),
    usage: null,
    offer: null,
    transfers: {},
    busy: "",
    word: "",
    failed: false,
    hub: storage?.getItem(HUB) ?? USUAL_HUB,
    accepted: (storage?.getItem(ACCEPTED) ?? "").split("\n").filter(Boolean),
  });
  const entriesNow = (): ModelEntry[] => {
    const { stored, folders, addresses } = store.get();
    const whole = stored.filter(({ bytes, storedBytes }) => storedBytes === bytes);
    return [
      ...whole.map(({ id, title }) => ({ id, title, source: { id, stored: true } as const })),
      ...folders,
      ...addresses.map(addressEntry),
    ];
  };
  const refresh = async () => {
    const [stored, usage] = await Promise.all([openLibrary().list(), readUsage()]);
    store.set({ stored, usage });
    models().setOthers(entriesNow());
  };
  const setAddresses = (addresses: string[]) => {
    store.set({ addresses });
    storage?.setItem(ADDRESSES, addresses.join("\n"));
    models().setOthers(entriesNow());
  };
  /** Tells what came of a job. What was paused is no failure. */
  const guarded = async (busy: string, job: () => Promise<string>) => {
    store.set({ busy, word: "", failed: false });
    try {
      store.set({ word: await job() });
    } catch (caught) {
      const { name, message } = toEngineError(caught);
      store.set({ word: message, failed: name !== "Cancelled" });
    } finally {
      store.set({ busy: "" });
    }
  };
  const transfer = async (
    id: string,
    job: (onProgress: (progress: TransferProgress) => void) => Promise<string>,
  ): Promise<void> => {
    const set = (one: Transfer) => store.set(({ transfers }) => ({ transfers: { ...transfers, [id]: one } }));
    set({ progress: null, bytesPerSecond: null });
    const speed = createSpeed();
    let over = false;
    await guarded("", async () => {
      try {
        return await job(
          Comlink.proxy((progress: TransferProgress) => {
            if (!over) set({ progress, bytesPerSecond: speed(progress.loadedBytes, performance.now()) });
          }),
        );
      } finally {
        over = true;
        store.set(({ transfers: { [id]: _, ...others } }) => ({ transfers: others }));
        await refresh();
      }
    });
  };

  return {
    store,
    async entries() {
      try {
        store.set({ stored: await openLibrary().list() });
      } catch {
        // No private file system, no downloaded models: the dialog says so when it is opened.
      }
      return entriesNow();
    },
    refresh: () => guarded("", async () => refresh().then(() => store.get().word)),
    list: (typed, precision) =>
      guarded("Asking the hub for its list of files", async () => {
        store.set({ offer: null });
        const offer = await openLibrary().inspect(readAddress(typed, store.get().hub), precision);
        store.set({ offer });
        return "";
      }),
    dismiss: () => store.set({ offer: null }),
    async download(offer) {
      store.set({ offer: null });
      await transfer(offer.id, async (onProgress) => {
        const done = openLibrary().download(offer, onProgress);
        void refresh();
        await done;
        return `${offer.title} is downloaded.`;
      });
    },
    pause: (id) => void openLibrary().pause(id),
    check: (id) =>
      transfer(id, async (onProgress) =>
        (await openLibrary().check(id, onProgress))
          ? "Every file is what it was published as."
          : "A file had changed on the disk; its damaged parts were fetched again.",
      ),
    remove: (id) =>
      guarded("Deleting", async () => {
        await openLibrary().remove(id);
        await refresh();
        return "";
      }),
    async open(title, folder, copy) {
      if (copy) {
        return transfer(title, async (onProgress) => {
          const id = await openLibrary().copy(title, folder, onProgress);
          await refresh();
          void models().load(id);
          return `${title} is copied.`;
        });
      }
      const id = `${title} (folder)`;
      const folders = store.get().folders.filter((one) => one.id !== id);
      store.set({ folders: [...folders, { id, title: id, source: { id, folder } }] });
      models().setOthers(entriesNow());
      await models().load(id);
    },
    openAddress(typed) {
      const url = readFolderAddress(typed, document.baseURI);
      const { id } = addressEntry(url);
      setAddresses([...store.get().addresses.filter((one) => addressEntry(one).id !== id), url]);
      void models().load(id);
    },
    async keepBuiltIn() {
      if ((navigator as { connection?: { saveData?: boolean } }).connection?.saveData) return;
      const builtIn = models()
        .store.get()
        .list.filter(({ source }) => !source);
      try {
        for (const { id } of builtIn) await openLibrary().keep(sourceOf(id));
      } catch {
        // the next visit tries again
      }
    },
    forgetAddress: (id) => setAddresses(store.get().addresses.filter((one) => addressEntry(one).id !== id)),
    accept(license) {
      const accepted = [...new Set([...store.get().accepted, license])];
      store.set({ accepted });
      storage?.setItem(ACCEPTED, accepted.join("\n"));
    },
    setHub(hub) {
      store.set({ hub });
      storage?.setItem(HUB, hub);
    },
    persist: () =>
      guarded("", async () => {
        const kept = await persist();
        store.set({ usage: await readUsage() });
        return kept ? "" : "The browser did not agree to keep everything; installing the page as an app usually helps.";
      }),
  };
}
