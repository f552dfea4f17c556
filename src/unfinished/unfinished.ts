/** Runs that outlast the tab they run in: what they were asked for and each step are kept as they come, until they are over. */
import type { ModelInfo } from "../../workers/protocol";
import type { Database } from "../records/database";
import { stepKeys, type UnfinishedRecord } from "../records/unfinished";
import type { NewRun, Run } from "../runs/run";
import { createStore, type ReadOnlyStore } from "../state/store";

/** A run that was broken off in a tab that is gone. */
export interface Offer {
  record: UnfinishedRecord;
  /** how many steps are kept */
  steps: number;
}

export interface UnfinishedState {
  /** in the order in which they were asked for */
  offers: readonly Offer[];
  /** why the runs of this visit would not survive, and what helps */
  problem: string | null;
}

export interface Unfinished {
  store: ReadOnlyStore<UnfinishedState>;
  /** Keeps what is new in the queue and drops what was cancelled or taken out. Drop what is done with `settle`. */
  watch(runs: readonly Run[]): void;
  /** The run's picture is where it lasts, or could not be kept: its steps are not needed any more. */
  settle(id: string): Promise<void>;
  /** Takes over the offered runs of this model. Another tab may have been quicker: what it took is not among them. */
  take(info: ModelInfo): Promise<NewRun[]>;
  /** What was taken is in the queue, and so kept anew. */
  taken(): Promise<void>;
  discard(): Promise<void>;
}

export interface UnfinishedParts {
  open(): Promise<Database>;
  /** this tab's name; its lock is held once this resolves */
  tab: Promise<string>;
  /** the names of the tabs that live */
  tabs(): Promise<ReadonlySet<string>>;
  /** Resolves when that tab is gone. */
  gone(tab: string): Promise<void>;
  /** to the other tabs: they look for runs once this one keeps some, and so learn whom to outlive */
  channel: Pick<BroadcastChannel, "postMessage" | "addEventListener"> | null;
}

const FULL =
  "There is no room left to keep the steps of the runs: they would be lost with the tab. Delete pictures in the gallery or models that you no longer use.";

export function createUnfinished({ open, tab, tabs, gone, channel }: UnfinishedParts): Unfinished {
  const store = createStore<UnfinishedState>({ offers: [], problem: null });
  const saved = new Map<string, number>();
  const settled = new Set<string>();
  const awaited = new Set<string>();
  let claimed: string[] = [];
  const opened = open();
  opened.catch(() => {}); // a browser that keeps nothing: the gallery says so

  // One write after the other, so that a run's record is there before its steps.
  let writes: Promise<unknown> = Promise.resolve();
  function write(job: (database: Database) => Promise<unknown>): Promise<void> {
    const done = writes.then(async () => {
      try {
        await job(await opened);
      } catch (error) {
        if ((error as DOMException | undefined)?.name === "QuotaExceededError") store.set({ problem: FULL });
      }
    });
    writes = done;
    return done;
  }

  const remove = (id: string) =>
    write(async (database) => {
      const transaction = database.transaction(["unfinished", "steps"], "readwrite");
      await Promise.all([
        transaction.objectStore("unfinished").delete(id),
        transaction.objectStore("steps").delete(stepKeys(id)),
        transaction.done,
      ]);
    });

  function keep(run: Run): void {
    const { id, settings, image, mask, parent, batch, model, steps } = run;
    const from = saved.get(id);
    if (from === undefined) {
      const asked = {
        settings,
        ...(image && { image }),
        ...(mask && { mask }),
        ...(parent && { parent }),
        ...(batch && { batch }),
      };
      const created = Date.now() + saved.size / 1000; // runs that were asked for together stay in their order
      const kept = { id: model.id, title: model.title };
      const first = saved.size === 0;
      void write(async (database) => {
        await database.put("unfinished", { id, tab: await tab, created, model: kept, asked });
        if (first) channel?.postMessage("kept");
      });
    }
    saved.set(id, steps.length);
    for (let place = from ?? 0; place < steps.length; place++)
      void write((database) => database.put("steps", steps[place], [id, place]));
  }

  async function look(): Promise<void> {
    const database = await opened;
    const own = await tab;
    const live = await tabs();
    const others = (await database.getAll("unfinished")).filter((one) => one.tab !== own);
    // A tab may be about to go: after a reload the page before may still hold its lock.
    for (const other of new Set(others.map((one) => one.tab))) {
      if (!live.has(other) || awaited.has(other)) continue;
      awaited.add(other);
      gone(other)
        .then(look)
        .catch(() => {});
    }
    const orphans = others.filter((one) => !live.has(one.tab));
    // Its picture was kept already when the tab went away.
    const finished = new Set(await database.getAllKeys("pictures"));
    for (const { id } of orphans) if (finished.has(id)) void remove(id);
    const records = orphans.filter(({ id }) => !finished.has(id));
    records.sort((a, b) => a.created - b.created);
    const offers = records.map(async (record) => ({
      record,
      steps: await database.count("steps", stepKeys(record.id)),
    }));
    store.set({ offers: await Promise.all(offers) });
  }
  look().catch(() => {});
  channel?.addEventListener("message", () => void look().catch(() => {}));

  return {
    store,
    watch(runs) {
      for (const run of runs) {
        if (settled.has(run.id)) continue;
        const { status, steps } = run;
        if (status === "cancelled" || (status === "failed" && steps.length === 0)) {
          settled.add(run.id);
          void remove(run.id);
        } else if (status !== "done" && saved.get(run.id) !== steps.length) keep(run);
      }
      const there = new Set(runs.map(({ id }) => id));
      for (const id of saved.keys()) {
        if (there.has(id) || settled.has(id)) continue;
        settled.add(id);
        void remove(id);
      }
    },
    settle(id) {
      settled.add(id);
      return remove(id);
    },
    async take(info) {
      const own = await tab;
      const database = await opened;
      const wanted = store.get().offers.filter(({ record }) => record.model.id === info.id);
      const runs: NewRun[] = [];
      for (const { record } of wanted) {
        const transaction = database.transaction(["unfinished", "steps"], "readwrite");
        const there = await transaction.objectStore("unfinished").get(record.id);
        if (there?.tab !== record.tab) continue;
        await transaction.objectStore("unfinished").put({ ...there, tab: own });
        const steps = await transaction.objectStore("steps").getAll(stepKeys(record.id));
        await transaction.done;
        claimed.push(record.id);
        // Steps of a build that did not name their stage cannot be resumed: the run starts again.
        const known = steps.length > 0 && steps.every(({ stages }) => stages !== undefined);
        runs.push({ ...there.asked, ...(known && { resume: { steps } }) });
      }
      store.set(({ offers }) => ({ offers: offers.filter((offer) => !wanted.includes(offer)) }));
      return runs;
    },
    async taken() {
      const ids = claimed;
      claimed = [];
      await Promise.all(ids.map(remove));
    },
    async discard() {
      const { offers } = store.get();
      await Promise.all(offers.map(({ record }) => remove(record.id)));
      // Not before they are gone for good: the page may be closed at once.
      store.set(({ offers: now }) => ({ offers: now.filter((offer) => !offers.includes(offer)) }));
    },
  };
}
