import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../workers/protocol";
import { unzipGallery, zipGallery } from "./archive";
import type { PictureRecord } from "./record";

const settings: Settings = {
  prompt: 'a "cat": 猫',
  negativePrompt: "",
  sampler: "euler",
  steps: 4,
  guidanceScale: 3,
  seed: 7,
  width: 128,
  height: 128,
};
const record = (id: string, bytes: number): PictureRecord => ({
  id,
  created: 5,
  model: { id: "m", title: "M" },
  settings,
  width: 128,
  height: 128,
  bytes,
});
const content = (size: number) => Uint8Array.from({ length: size }, (_, i) => (i * 31) % 251);

async function zipped(sizes: Record<string, number>): Promise<Blob> {
  const records = Object.entries(sizes).map(([id, size]) => record(id, size));
  const stream = zipGallery(
    records,
    async (id) => new Blob([content(sizes[id])]),
    () => {},
  );
  return new Response(stream as ReadableStream<Uint8Array<ArrayBuffer>>).blob();
}

async function read(archive: Blob): Promise<Map<string, { record: PictureRecord; bytes: Uint8Array }>> {
  const found = new Map();
  await unzipGallery(archive, async (one, png) => {
    found.set(one.id, { record: one, bytes: new Uint8Array(await png.arrayBuffer()) });
  });
  return found;
}

describe("the gallery as a zip", () => {
  it("comes back as it was, files of several slices and empty ones too", async () => {
    const sizes = { a: 700_001, b: 0, c: 1 << 18 };
    const found = await read(await zipped(sizes));
    expect([...found.keys()]).toEqual(["a", "b", "c"]);
    for (const [id, size] of Object.entries(sizes)) {
      expect(found.get(id)).toEqual({ record: record(id, size), bytes: content(size) });
    }
  });

  it("is a zip that others read", async () => {
    const files = unzipSync(new Uint8Array(await (await zipped({ a: 1000 })).arrayBuffer()));
    expect(Object.keys(files)).toEqual(["gallery.json", "pictures/a.png"]);
    expect(files["pictures/a.png"]).toEqual(content(1000));
  });

  it("is read when it was unpacked and packed again with compression", async () => {
    const files = unzipSync(new Uint8Array(await (await zipped({ a: 5000 })).arrayBuffer()));
    const again = zipSync(files, { level: 9 });
    expect((await read(new Blob([again]))).get("a")?.bytes).toEqual(content(5000));
  });

  it.each([
    ["no zip", new Blob(["hello, I am a text"])],
    ["a zip of something else", new Blob([zipSync({ "x.txt": content(3) })])],
    ["a damaged list", new Blob([zipSync({ "gallery.json": new TextEncoder().encode("{") })])],
    ["a list of nothing", new Blob([zipSync({ "gallery.json": new TextEncoder().encode('{"pictures": 3}') })])],
  ])("%s is refused with what to do", async (_, blob) => {
    await expect(read(blob)).rejects.toThrow(/no gallery that Darkroom exported: .+\. Choose a zip/);
  });

  it("passes over records that cannot be trusted", async () => {
    const bad = [{ id: "../../x" }, null, { ...record("b", 1), settings: { prompt: 3 } }, record("good", 3)];
    const files = { "gallery.json": JSON.stringify({ pictures: bad }), "pictures/good.png": "abc" };
    const bytes = Object.fromEntries(Object.entries(files).map(([k, v]) => [k, new TextEncoder().encode(v)]));
    expect([...(await read(new Blob([zipSync(bytes)]))).keys()]).toEqual(["good"]);
  });
});
