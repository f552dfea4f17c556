import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, describe, expect, it, vi } from "vitest";
import type { ModelInfo, Settings } from "../../workers/protocol";
import { openDatabase } from "../records/database";
import { familyOf, findPictures } from "../records/picture";
import type { Run } from "../runs/run";
import type { Files } from "../storage/files";
import { createGallery } from "./gallery";

/** A folder in memory. */
function memoryFiles(content = new Map<string, Blob>()): Files & { content: Map<string, Blob>; full: boolean } {
  const files = {
    content,
    full: false,
    async write(name: string, blob: Blob) {
      content.set(name, new Blob([])); // as a write that is broken off would leave it
      if (files.full) throw new DOMException("no room", "QuotaExceededError");
      content.set(name, blob);
    },
    async read(name: string) {
      const blob = content.get(name);
      if (!blob) throw new DOMException("gone", "NotFoundError");
      return new File([blob], name);
    },
    async remove(name: string) {
      content.delete(name);
    },
    names: async () => [...content.keys()],
  };
  return files;
}

const run = (id: string, patch: Partial<Run> = {}): Run => ({
  id,
  number: 1,
  model: { id: "m", title: "M" } as ModelInfo,
  settings: { prompt: `picture ${id}`, negativePrompt: "", seed: 1, width: 8, height: 8 } as Settings,
  status: "done",
  steps: [],
  result: null,
  png: new Blob([id]),
  decoded: {},
  error: null,
  ...patch,
});

async function start(files = memoryFiles()) {
  const gallery = createGallery({
    open: async () => ({ database: await openDatabase(), files }),
    shrink: async () => new Blob(["small"]),
    locked: (job) => job(),
    channel: null,
  });
  await vi.waitFor(() => expect(gallery.store.get().status).toBe("ready"));
  const ids = () => gallery.store.get().records.map(({ id }) => id);
  return { gallery, files, ids };
}

beforeEach(() => {
  globalThis.indexedDB = new IDBFactory();
  vi.stubGlobal("navigator", {});
});

describe("the gallery", () => {
  it("keeps what is finished, once, over a reload, with its bytes", async () => {
    const { gallery, files, ids } = await start();
    await gallery.keep(run("a"));
    await gallery.keep(run("a"));
    await gallery.keep(run("b", { status: "running" }));
    await gallery.keep(run("c", { status: "failed", png: null }));
    expect(ids()).toEqual(["a"]);
    const again = await start(files);
    expect(again.ids()).toEqual(["a"]);
    expect(await (await again.gallery.picture("a")).text()).toBe("a");
    expect(await (await again.gallery.thumbnail("a")).text()).toBe("small");
  });

  it("clears away files that no record knows: a tab that was closed while it wrote", async () => {
    const { gallery, files } = await start();
    await gallery.keep(run("a"));
    files.content.set("half.png", new Blob(["ha"]));
    await start(files);
    expect([...files.content.keys()].sort()).toEqual(["a.png", "a.webp"]);
  });

  it("brings back what was deleted, until it is settled", async () => {
    const { gallery, files, ids } = await start();
    await gallery.keep(run("a"));
    await gallery.keep(run("b"));
    await gallery.remove(["a"]);
    expect(ids()).toEqual(["b"]);
    await gallery.undo();
    expect(ids().sort()).toEqual(["a", "b"]);
    await gallery.remove(["a"]);
    await gallery.settle();
    await gallery.undo();
    expect(ids()).toEqual(["b"]);
    expect([...files.content.keys()].sort()).toEqual(["b.png", "b.webp"]);
    expect((await start(files)).ids()).toEqual(["b"]);
  });

  it("a full disk: nothing is half there, it says what to delete, and the next picture is kept when there is room", async () => {
    const { gallery, files, ids } = await start();
    files.full = true;
    await gallery.keep(run("a"));
    expect(ids()).toEqual([]);
    expect(files.content.size).toBe(0);
    expect(gallery.store.get().problem).toMatch(/no room left.* Delete pictures/);
    files.full = false;
    await gallery.keep(run("b"));
    expect(ids()).toEqual(["b"]);
    expect(gallery.store.get().problem).toBeNull();
  });

  it("says it where the browser keeps nothing", async () => {
    const gallery = createGallery({
      open: () => Promise.reject(new DOMException("no", "SecurityError")),
      shrink: async (png) => png,
      locked: (job) => job(),
      channel: null,
    });
    await vi.waitFor(() => expect(gallery.store.get().status).toBe("blocked"));
    await gallery.keep(run("a"));
    expect(gallery.store.get().problem).toMatch(/keeps nothing for this page/);
  });
});

describe("finding", () => {
  const record = (id: string, prompt: string, model = "m", parent?: { id: string; step: number }) => ({
    id,
    created: 0,
    model: { id: model, title: model },
    settings: { prompt, negativePrompt: "blurry" } as Settings,
    width: 8,
    height: 8,
    bytes: 1,
    ...(parent && { parent }),
  });
  const records = [record("a", "A red cat"), record("b", "a blue cat", "n"), record("c", "dog")];

  it.each([
    ["", "", "abc"],
    ["CAT", "", "ab"],
    ["cat red", "", "a"],
    ["blurry", "n", "b"],
    ["x", "", ""],
  ])("%j in model %j", (search, model, found) => {
    expect(
      findPictures(records, search, model)
        .map(({ id }) => id)
        .join(""),
    ).toBe(found);
  });

  it("a family: ancestors up to where one was deleted, and branches; a circle ends", () => {
    const family = [
      record("a", ""),
      record("b", "", "m", { id: "a", step: 1 }),
      record("c", "", "m", { id: "b", step: 2 }),
    ];
    expect(familyOf(family, family[2]).ancestors.map(({ id }) => id)).toEqual(["b", "a"]);
    expect(familyOf(family, family[0]).branches.map(({ id }) => id)).toEqual(["b"]);
    const circle = [record("a", "", "m", { id: "b", step: 0 }), record("b", "", "m", { id: "a", step: 0 })];
    expect(familyOf(circle, circle[0]).ancestors).toHaveLength(2);
  });
});
