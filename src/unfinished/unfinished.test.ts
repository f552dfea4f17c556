import { stageInfo } from "../testing/model-info";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelInfo, Settings, Step, Tensor } from "../../workers/protocol";
import { type Database, openDatabase } from "../records/database";
import type { Run } from "../runs/run";
import { createUnfinished } from "./unfinished";

const model = { id: "m", title: "M" } as ModelInfo;
const tensor = (value: number): Tensor => ({ data: Float32Array.of(value), dims: [1, 1, 1, 1] });
const step = (index: number) =>
  ({ index, stages: [stageInfo(4)], stage: 0, x: tensor(index), denoised: tensor(-index) }) as Partial<Step> as Step;
const run = (id: string, patch: Partial<Run> = {}): Run => ({
  id,
  number: 1,
  model,
  settings: { prompt: id, steps: 4 } as Settings,
  status: "running",
  steps: [],
  result: null,
  png: null,
  decoded: {},
  error: null,
  ...patch,
});

/** A tab; those in `alive` are seen by the others. */
function open(tab: string, alive: Set<string>) {
  alive.add(tab);
  let database: Promise<Database> | undefined;
  const unfinished = createUnfinished({
    open: () => {
      database ??= openDatabase();
      return database;
    },
    tab: Promise.resolve(tab),
    tabs: async () => new Set(alive),
    gone: (other) => vi.waitFor(() => expect(alive.has(other)).toBe(false), { timeout: 5000 }),
    channel: new BroadcastChannel("unfinished"),
  });
  const offers = () => unfinished.store.get().offers.map(({ record, steps }) => [record.id, steps]);
  return { unfinished, offers };
}

/** Opens a tab after the others' writes: each goes through its own chain. */
async function reopen(tab: string, alive: Set<string>) {
  await new Promise((resolve) => setTimeout(resolve, 50));
  return open(tab, alive);
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
});

describe("unfinished runs", () => {
  it("are offered once their tab is gone, with every step, in order", async () => {
    const alive = new Set<string>();
    const first = open("a", alive).unfinished;
    const asked = { image: { picture: { width: 1, height: 1, rgba: new Uint8ClampedArray(4) }, strength: 0.5 } };
    first.watch([run("one", asked), run("two", { status: "queued" })]);
    first.watch([run("one", { ...asked, steps: [step(0)] }), run("two", { status: "queued" })]);
    first.watch([run("one", { ...asked, steps: [step(0), step(1)] }), run("two", { status: "queued" })]);

    const beside = await reopen("b", alive);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(beside.offers()).toEqual([]);

    alive.delete("a");
    // A tab that was open all the time offers them, too.
    await vi.waitFor(() => expect(beside.offers()).toHaveLength(2));
    const { unfinished, offers } = await reopen("c", alive);
    await vi.waitFor(() =>
      expect(offers()).toEqual([
        ["one", 2],
        ["two", 0],
      ]),
    );
    expect(await unfinished.take({ id: "other" } as ModelInfo)).toEqual([]);
    const runs = await unfinished.take(model);
    expect(runs).toEqual([
      { settings: { prompt: "one", steps: 4 }, ...asked, resume: { steps: [step(0), step(1)] } },
      { settings: { prompt: "two", steps: 4 } },
    ]);
    expect(offers()).toEqual([]);
  });

  it("are offered to a tab that was open before they began", async () => {
    const alive = new Set<string>();
    const before = open("b", alive);
    await new Promise((resolve) => setTimeout(resolve, 50));
    open("a", alive).unfinished.watch([run("one", { steps: [step(0)] })]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(before.offers()).toEqual([]);
    alive.delete("a");
    await vi.waitFor(() => expect(before.offers()).toEqual([["one", 1]]));
  });

  it("are taken by one tab only", async () => {
    const alive = new Set<string>();
    open("a", alive).unfinished.watch([run("one", { steps: [step(0)] })]);
    await new Promise((resolve) => setTimeout(resolve, 50));
    alive.delete("a");
    const [b, c] = [open("b", alive), open("c", alive)];
    for (const { offers } of [b, c]) await vi.waitFor(() => expect(offers()).toEqual([["one", 1]]));
    const taken = await Promise.all([b.unfinished.take(model), c.unfinished.take(model)]);
    expect(taken.map((runs) => runs.length).sort()).toEqual([0, 1]);
  });

  it("are gone when they are settled, cancelled, taken out, taken up again or discarded", async () => {
    const alive = new Set<string>();
    const { unfinished } = open("a", alive);
    const all = ["done", "cancelled", "removed", "failed", "kept"].map((id) => run(id, { steps: [step(0)] }));
    unfinished.watch(all);
    const [done, cancelled, , failed, kept] = all;
    const later = [
      { ...done, status: "done" as const },
      { ...cancelled, status: "cancelled" as const },
    ];
    unfinished.watch([...later, { ...failed, status: "failed" as const }, kept]);
    await unfinished.settle("done");
    alive.delete("a");
    const second = await reopen("b", alive);
    await vi.waitFor(() =>
      expect(second.offers()).toEqual([
        ["failed", 1],
        ["kept", 1],
      ]),
    );
    second.unfinished.watch((await second.unfinished.take(model)).map((one, i) => run(`again ${i}`, one)));
    await second.unfinished.taken();
    alive.delete("b");
    const third = await reopen("c", alive);
    await vi.waitFor(() => expect(third.offers().map(([id]) => id)).toEqual(["again 0", "again 1"]));
    await third.unfinished.discard();
    alive.delete("c");
    const fourth = await reopen("d", alive);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(fourth.offers()).toEqual([]);
  });

  it("whose picture was kept before the tab went away are not offered", async () => {
    const alive = new Set<string>();
    open("a", alive).unfinished.watch([run("one", { steps: [step(0)] })]);
    const database = await openDatabase();
    await database.put("pictures", { id: "one" } as never);
    alive.delete("a");
    const { offers } = await reopen("b", alive);
    await vi.waitFor(async () => expect(await database.count("unfinished")).toBe(0));
    expect(offers()).toEqual([]);
  });

  it("a full disk stops the keeping and says so", async () => {
    const full = new DOMException("no room", "QuotaExceededError");
    const unfinished = createUnfinished({
      open: async () => ({ put: () => Promise.reject(full), getAll: async () => [] }) as unknown as Database,
      tab: Promise.resolve("a"),
      tabs: async () => new Set<string>(),
      gone: () => new Promise(() => {}),
      channel: null,
    });
    unfinished.watch([run("one")]);
    await vi.waitFor(() => expect(unfinished.store.get().problem).toMatch(/no room left.*Delete/));
  });
});
