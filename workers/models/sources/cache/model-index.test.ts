import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { cachedFiles } from "../hub/hub-files.ts";
import type { ContentId } from "./content-id.ts";
import { memoryStore } from "./memory-store.ts";
import { type ModelCache, modelCache } from "./model-index.ts";

const bytesOf = (text: string) => new TextEncoder().encode(text) as Uint8Array<ArrayBuffer>;
const idOf = (text: string): ContentId => ({
  algorithm: "sha256",
  digest: createHash("sha256").update(text).digest("hex"),
  bytes: text.length,
});

async function add(cache: ModelCache, id: string, files: Record<string, string>): Promise<void> {
  const listed = Object.entries(files).map(([path, text]) => ({ path, content: idOf(text) }));
  await cache.put({ id, title: id, license: undefined, files: listed });
  for (const text of Object.values(files)) {
    const content = await cache.contents.open(idOf(text));
    for (const part of content.missing()) {
      const { start, end } = content.range(part);
      await content.write(part, bytesOf(text.slice(start, end)));
    }
    expect(await content.finish()).toBe(true);
    await content.close();
  }
}

test("two models share a content; deleting one leaves the other whole, deleting both leaves nothing", async () => {
  const cache = modelCache(memoryStore(), memoryStore(), 4);
  await add(cache, "first", { vae: "shared bytes", unet: "one" });
  const alone = await cache.usedBytes();
  await add(cache, "second", { vae: "shared bytes", unet: "another" });
  await cache.remove("first");
  const [second, ...others] = await cache.list();
  expect(others).toEqual([]);
  const files = cachedFiles(second.files, cache.contents);
  expect(new TextDecoder().decode(await files.read("vae"))).toBe("shared bytes");
  await expect(files.read("text_encoder")).rejects.toMatchObject({ name: "ModelFileMissing" });
  expect(await cache.usedBytes()).toBeGreaterThan(alone);
  await cache.remove("second");
  expect([await cache.list(), await cache.usedBytes()]).toEqual([[], 0]);
});

test("a record that a kill tore is no model", async () => {
  const records = memoryStore();
  const writer = await records.writer("torn.json");
  await writer.write(bytesOf('{"id": "to'), 0);
  const cache = modelCache(records, memoryStore(), 4);
  expect(await cache.list()).toEqual([]);
  // It may be another thread's that is still being written: it is left, and written over.
  const whole = { id: "torn", title: "Whole again", license: undefined, files: [] };
  await cache.put(whole);
  expect(await cache.list()).toMatchObject([{ id: "torn", title: "Whole again" }]);
});

test.each([
  "null",
  "3",
  "[]",
  "{}",
  '{"id": 3, "title": "x", "files": []}',
  '{"id": "x", "title": "x", "files": [{}]}',
])("a record of another form is no model: %s", async (text) => {
  const records = memoryStore();
  await (await records.writer("other.json")).write(bytesOf(text), 0);
  const cache = modelCache(records, memoryStore(), 4);
  await add(cache, "first", { unet: "one" });
  expect((await cache.list()).map(({ id }) => id)).toEqual(["first"]);
  await cache.remove("first");
});

test("a full disk does not cost a model its record", async () => {
  const records = memoryStore(400);
  const cache = modelCache(records, memoryStore(), 4);
  await add(cache, "first", {});
  const [first] = await cache.list();
  await expect(cache.put({ ...first, title: "a".repeat(400) })).rejects.toMatchObject({ name: "DiskFull" });
  expect(await cache.list()).toEqual([first]);
  await cache.put({ ...first, title: "f" }); // shorter: what was there is covered
  expect((await cache.list())[0].title).toBe("f");
});
