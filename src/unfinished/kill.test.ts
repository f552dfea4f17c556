/** The tab killed at random moments of 50 runs: nothing in the gallery is lost or half-written, and every run can go on. */
import { stageInfo } from "../testing/model-info";
import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { expect, it, vi } from "vitest";
import type { ModelInfo, Settings, Step } from "../../workers/protocol";
import { createGallery } from "../gallery/gallery";
import { openDatabase } from "../records/database";
import type { Run } from "../runs/run";
import type { Files } from "../storage/files";
import { createUnfinished } from "./unfinished";

vi.stubGlobal("navigator", {}); // no storage estimate

const RUNS = 50;
const STEPS = 6;
const PNG = "a whole picture";
const model = { id: "m", title: "M" } as ModelInfo;
const steps = Array.from(
  { length: STEPS },
  (_, index) => ({ index, stages: [stageInfo(STEPS)], stage: 0 }) as Partial<Step> as Step,
);
const runOf = (id: string): Run => ({
  id,
  number: 1,
  model,
  settings: { prompt: id, negativePrompt: "", steps: STEPS, width: 8, height: 8 } as Settings,
  status: "running",
  steps: [],
  result: null,
  png: null,
  decoded: {},
  error: null,
});

/** What a tab writes through: after so many operations it is dead, and nothing is answered any more. */
function mortal<T extends object>(target: T, life: { left: number }): T {
  return new Proxy(target, {
    get(of, name) {
      const member = Reflect.get(of, name) as unknown;
      if (typeof member !== "function") return member;
      return (...given: unknown[]) => (life.left-- > 0 ? member.apply(of, given) : new Promise(() => {}));
    },
  });
}

function memoryFiles(content: Map<string, string>, life: { left: number }): Files {
  return {
    async write(name, blob) {
      content.set(name, ""); // there before its bytes are, as a file is
      await new Promise((resolve) => setTimeout(resolve));
      if (life.left <= 0) return new Promise(() => {}); // killed in the middle of it
      content.set(name, await blob.text());
    },
    read: async (name) => new File([content.get(name) ?? ""], name),
    remove: async (name) => void content.delete(name),
    names: async () => [...content.keys()],
  };
}

async function open(tab: string, content: Map<string, string>, life = { left: Number.POSITIVE_INFINITY }) {
  const database = mortal(await openDatabase(), life);
  const files = mortal(memoryFiles(content, life), life);
  const unfinished = createUnfinished({
    open: async () => database,
    tab: Promise.resolve(tab),
    tabs: async () => new Set([tab]),
    gone: () => new Promise(() => {}),
    channel: null,
  });
  const gallery = createGallery({
    open: async () => ({ database, files }),
    shrink: async () => new Blob(["small"]),
    locked: (job) => job(),
    channel: null,
  });
  return { unfinished, gallery };
}

const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

it(`at ${RUNS} moments`, async () => {
  const seen = { kept: 0, offered: 0 };
  for (let trial = 0; trial < RUNS; trial++) {
    globalThis.indexedDB = new IDBFactory();
    const content = new Map<string, string>();
    const life = { left: Number.POSITIVE_INFINITY };
    const { unfinished, gallery } = await open("killed", content, life);
    await vi.waitFor(() => expect(gallery.store.get().status).toBe("ready"));

    const run = runOf(`run-${trial}`);
    unfinished.watch([run]);
    await vi.waitFor(async () => expect(await (await openDatabase()).count("unfinished")).toBe(1));
    life.left = trial % 16;
    for (let count = 1; count <= STEPS; count++) unfinished.watch([{ ...run, steps: steps.slice(0, count) }]);
    await pause(5);
    const done: Run = { ...run, steps, status: "done", png: new Blob([PNG]) };
    unfinished.watch([done]);
    void gallery.keep(done).then(() => unfinished.settle(run.id));
    await pause(20);
    life.left = 0;

    const after = await open("after", content);
    await vi.waitFor(() => expect(after.gallery.store.get().status).toBe("ready"));
    const kept = after.gallery.store.get().records.map(({ id }) => id);
    const offers = () => after.unfinished.store.get().offers;
    await vi.waitFor(() => expect([...kept, ...offers().map(({ record }) => record.id)]).toEqual([run.id]));
    const offered = offers();
    // The files are those of the records, and whole.
    expect([...content]).toEqual(
      kept.length > 0
        ? [
            [`${run.id}.png`, PNG],
            [`${run.id}.webp`, "small"],
          ]
        : [],
    );
    const [again] = await after.unfinished.take(model);
    if (offered.length > 0) expect(again.resume?.steps ?? []).toEqual(steps.slice(0, offered[0].steps));
    seen[kept.length > 0 ? "kept" : "offered"]++;
  }
  expect(Math.min(seen.kept, seen.offered)).toBeGreaterThan(0);
});
