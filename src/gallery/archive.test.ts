import { unzipSync, zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import type { Settings } from "../../workers/protocol";
import type { PictureRecord } from "../records/picture";
import { unzipGallery, zipGallery } from "./archive";

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

/** Node's own Blobs hold less than 4 GiB. */
const ZEROS = new Uint8Array(1 << 24);

class ZeroBlob extends Blob {
  constructor(override readonly size: number) {
    super();
  }
  override stream() {
    let left = this.size;
    return new ReadableStream({
      pull(controller) {
        controller.enqueue(ZEROS);
        left -= ZEROS.length;
        if (left === 0) controller.close();
      },
    });
  }
}

/** Remembers of what is zero how long it is. */
class SparseBlob extends Blob {
  readonly #parts: { start: number; bytes: Uint8Array }[] = [];
  #size = 0;
  override get size() {
    return this.#size;
  }
  append(bytes: Uint8Array): void {
    this.#parts.push({ start: this.#size, bytes });
    this.#size += bytes.length;
  }
  override slice(from = 0, to = this.#size): Blob {
    if (to - from > ZEROS.length) return new ZeroBlob(to - from);
    const inside = this.#parts.filter(({ start, bytes }) => start < to && start + bytes.length > from);
    return new Blob(
      inside.map(({ start, bytes }) => bytes.slice(Math.max(0, from - start), to - start) as Uint8Array<ArrayBuffer>),
    );
  }
}

describe("the gallery as a zip", () => {
  it("comes back as it was, files of several slices and empty ones too", async () => {
    const sizes = { a: 700_001, b: 0, c: 1 << 18 };
    const found = await read(await zipped(sizes));
    expect([...found.keys()]).toEqual(["a", "b", "c"]);
    for (const [id, size] of Object.entries(sizes)) {
      expect(found.get(id)?.record).toEqual(record(id, size));
      expect(Buffer.compare(found.get(id)?.bytes as Uint8Array, content(size))).toBe(0);
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

  describe("packed again", () => {
    const pack = async (rename: (name: string) => string, more: Record<string, Uint8Array> = {}) => {
      const files = unzipSync(new Uint8Array(await (await zipped({ a: 5000, b: 10 })).arrayBuffer()));
      const renamed = Object.fromEntries(Object.entries(files).map(([name, bytes]) => [rename(name), bytes]));
      return new Blob([zipSync({ ...more, ...renamed }, { level: 9 })]);
    };

    it.each<[string, (name: string) => string, Record<string, Uint8Array>?]>([
      ["as a folder, by Finder", (name) => `My gallery/${name}`, { "__MACOSX/My gallery/._gallery.json": content(40) }],
      ["as a folder in a folder", (name) => `a/b/${name}`],
      ["by a Windows program that writes backslashes", (name) => `gallery\\${name.replaceAll("/", "\\")}`],
      ["beside another list further down", (name) => name, { "old/gallery.json": content(3) }],
    ])("%s", async (_, rename, more) => {
      const found = await read(await pack(rename, more));
      expect([...found.keys()]).toEqual(["a", "b"]);
      expect(found.get("a")?.bytes).toEqual(content(5000));
    });

    it("without some of its pictures: they are counted", async () => {
      const archive = await pack((name) => (name.endsWith("b.png") ? "other.png" : name));
      expect(await unzipGallery(archive, async () => {})).toBe(1);
    });
  });

  it("of more than 4 GiB is a zip64, and read", { timeout: 300_000 }, async () => {
    const large = Array.from({ length: 17 }, (_, i) => `large${i}`);
    const names = ["a", ...large, "z"];
    const zeros = new ZeroBlob(1 << 28);
    const stream = zipGallery(
      names.map((id) => record(id, 3)),
      async (id) => (large.includes(id) ? zeros : new Blob([content(id.charCodeAt(0))])),
      () => {},
    );
    const archive = new SparseBlob();
    const reader = stream.getReader();
    for (let next = await reader.read(); !next.done; next = await reader.read()) archive.append(next.value);
    expect(archive.size).toBeGreaterThan(2 ** 32);
    const tail = Buffer.from(await archive.slice(archive.size - 98).arrayBuffer());
    // the zip64 record of the directory's end: entries, and where the directory begins (APPNOTE.TXT 4.3.14)
    expect(tail.readUInt32LE(0)).toBe(0x06064b50);
    expect([tail.readBigUInt64LE(32), tail.readBigUInt64LE(48) > 2n ** 32n]).toEqual([BigInt(names.length + 1), true]);
    const sizes = new Map<string, number>();
    const last = { bytes: new Uint8Array() };
    await unzipGallery(archive, async ({ id }, png) => {
      sizes.set(id, png.size);
      if (id === "z") last.bytes = new Uint8Array(await png.arrayBuffer());
    });
    expect([...sizes]).toEqual(names.map((id) => [id, large.includes(id) ? zeros.size : id.charCodeAt(0)]));
    expect(last.bytes).toEqual(content("z".charCodeAt(0)));
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
