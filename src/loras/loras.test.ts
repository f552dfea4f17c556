import { describe, expect, it } from "vitest";
import type { Files } from "../storage/files";
import { info } from "../testing/model-info";
import { createLoras, isApplied } from "./loras";

function memory(kept: Record<string, string> = {}) {
  const files = new Map<string, File>();
  const values = new Map<string, string>(Object.entries(kept));
  const open = async () =>
    ({
      write: async (name, content) => void files.set(name, content as File),
      read: async (name) => files.get(name) ?? Promise.reject(new Error("not there")),
      remove: async (name) => void files.delete(name),
    }) as Files;
  const storage = {
    getItem: (key: string) => values.get(key) ?? null,
    setItem: (key: string, value: string) => void values.set(key, value),
  } as Storage;
  return { files, open: () => createLoras(open, storage) };
}

const ink = new File(["123"], "ink.safetensors");

describe("LoRAs in the browser", () => {
  it("outlast a visit, and are merged into the models they are switched on for", async () => {
    const { open } = memory();
    const loras = open();
    await loras.add(ink, "m");
    loras.change(ink.name, { scale: 0.8 });
    const next = open();
    expect(next.store.get().list).toEqual([{ name: ink.name, bytes: 3, scale: 0.8, models: ["m"] }]);
    expect(await next.filesFor("m")).toEqual([{ name: ink.name, scale: 0.8, file: ink }]);
    expect(await next.filesFor("another")).toEqual([]);
  });

  it.each([
    "null",
    "3",
    "{}",
    '"x"',
    "[",
    "[null, 3, {}]",
    '[{"name": "a", "bytes": 1, "scale": "1", "models": ["m"]}]',
  ])("what another hand wrote is left out: %s", async (kept) => {
    const loras = memory({ "darkroom.loras": kept }).open();
    expect(loras.store.get().list).toEqual([]);
    await loras.add(ink, "m");
    expect(await loras.filesFor("m")).toHaveLength(1);
  });

  it("an entry that is whole outlasts one beside it that is not", () => {
    const whole = { name: "ink.safetensors", bytes: 3, scale: 1, models: ["m"] };
    const { open } = memory({ "darkroom.loras": JSON.stringify([{ ...whole, models: null }, whole]) });
    expect(open().store.get().list).toEqual([whole]);
  });

  it("tell whether the loaded model holds what is switched on", async () => {
    const loras = memory().open();
    await loras.add(ink, info.id);
    const { list } = loras.store.get();
    expect(isApplied(list, info)).toBe(false);
    expect(isApplied(list, { ...info, loras: [{ name: ink.name, scale: 1, hash: "" }] })).toBe(true);
    expect(isApplied(list, { ...info, loras: [{ name: ink.name, scale: 0.5, hash: "" }] })).toBe(false);
  });

  it("say what helps when a file is none, or is gone", async () => {
    const { files, open } = memory();
    const loras = open();
    await loras.add(new File([], "ink.ckpt"), "m");
    expect(loras.store.get()).toMatchObject({ list: [], problem: expect.stringContaining("no .safetensors file") });
    await loras.add(ink, "m");
    files.clear();
    await expect(loras.filesFor("m")).rejects.toMatchObject({
      name: "ModelFileMissing",
      message: expect.stringMatching(/^ink\.safetensors cannot be read .*add it again/),
    });
    await loras.remove(ink.name);
    expect(await loras.filesFor("m")).toEqual([]);
  });
});
