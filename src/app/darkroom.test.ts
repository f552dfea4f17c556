import * as Comlink from "comlink";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Engine } from "../../workers/protocol";
import { info } from "../testing/model-info";
import { createDarkroom } from "./darkroom";

/** A darkroom whose model loads when the test says so, and whose runs end when they are cancelled. */
function setup() {
  let loaded = () => {};
  let cancelled = () => {};
  const loading = new Promise<void>((resolve) => {
    loaded = resolve;
  });
  const startWorker = () => {
    const { port1, port2 } = new MessageChannel();
    const engine: Partial<Engine> = {
      load: async () => {
        await loading;
        return info;
      },
      generate: () =>
        new Promise((_, reject) => {
          cancelled = () => reject(Object.assign(new Error("Cancelled."), { name: "Cancelled" }));
        }),
      cancel: async () => cancelled(),
    };
    Comlink.expose(engine, port2);
    port2.start();
    return Object.assign(port1, { terminate: () => port2.close() });
  };
  const darkroom = createDarkroom({ device: "cpu", storage: null, startWorker });
  const asked = () => darkroom.queue.store.get().runs.map(({ settings }) => settings);
  return { darkroom, asked, loaded };
}

beforeEach(() => {
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("document", { baseURI: "https://example.test/" });
  vi.stubGlobal("fetch", async (url: URL | string) =>
    String(url).endsWith("index.json") ? Response.json([{ id: "m", title: "M" }]) : new Response("", { status: 404 }),
  );
});
afterEach(() => vi.unstubAllGlobals());

describe("Generate", () => {
  it("waits for the model, then asks for what was typed at the time, completed by the defaults", async () => {
    const { darkroom, asked, loaded } = setup();
    void darkroom.models.open("");
    darkroom.form.set({ prompt: "first", steps: "4" });
    expect(darkroom.commands.generate()).toBe(true);
    darkroom.form.set({ prompt: "second", steps: "" });
    expect(darkroom.commands.generate()).toBe(true);
    expect(darkroom.session.get().waiting).toHaveLength(2);
    loaded();
    await expect.poll(asked).toMatchObject([
      { prompt: "first", steps: 4, sampler: "euler", width: 128 },
      { prompt: "second", steps: 20 },
    ]);
    expect(darkroom.session.get().waiting).toEqual([]);
    expect(asked()[0].seed).not.toBe(asked()[1].seed);
  });

  it("asks for nothing while a setting is out of range, and keeps what was typed", async () => {
    const { darkroom, asked, loaded } = setup();
    loaded();
    await darkroom.models.open("");
    darkroom.form.set({ prompt: "kept", steps: "0" });
    expect(darkroom.commands.generate()).toBe(false);
    expect(asked()).toEqual([]);
    expect(darkroom.form.get()).toMatchObject({ prompt: "kept", steps: "0" });
  });

  it("uses the seed in the field when it is kept, for each picture the next one", async () => {
    const { darkroom, asked, loaded } = setup();
    loaded();
    await darkroom.models.open("");
    darkroom.form.set({ seed: "41", newSeed: false, count: "2" });
    darkroom.commands.generate();
    expect(asked().map(({ seed }) => seed)).toEqual([41, 42]);
  });

  it("says that the picture would be the same where nothing has changed, and queues it only when asked to", async () => {
    const { darkroom, asked, loaded } = setup();
    loaded();
    await darkroom.models.open("");
    darkroom.form.set({ prompt: "a", seed: "41", newSeed: false });
    for (let i = 0; i < 30; i++) expect(darkroom.commands.generate()).toBe(true);
    expect(asked()).toHaveLength(1);
    expect(darkroom.session.get().repeat).toBe(1);
    expect(darkroom.commands.generate(true)).toBe(true);
    expect(asked()).toHaveLength(2);
    expect(darkroom.session.get().repeat).toBeNull();
    darkroom.commands.generate();
    expect(darkroom.session.get().repeat).toBe(2);
    darkroom.form.set({ prompt: "b" });
    expect(darkroom.session.get().repeat).toBeNull();
    darkroom.commands.generate();
    darkroom.form.set({ seed: "42" });
    darkroom.commands.generate();
    expect(asked().map(({ prompt, seed }) => [prompt, seed])).toEqual([
      ["a", 41],
      ["a", 41],
      ["b", 41],
      ["b", 42],
    ]);
  });

  it("draws again what was cancelled, with the same seed", async () => {
    const { darkroom, asked, loaded } = setup();
    loaded();
    await darkroom.models.open("");
    darkroom.form.set({ seed: "41", newSeed: false });
    darkroom.commands.generate();
    await expect.poll(() => darkroom.queue.store.get().runs.at(-1)?.status).toBe("running");
    darkroom.queue.cancelAll();
    await expect.poll(() => darkroom.queue.store.get().runs.at(-1)?.status).toBe("cancelled");
    darkroom.commands.generate();
    expect(asked().map(({ seed }) => seed)).toEqual([41, 41]);
  });
});
