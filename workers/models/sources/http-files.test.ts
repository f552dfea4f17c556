/** Model files from a real server, kept in a private file system that this file makes in memory. */
import { createServer, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { httpFiles, keepFiles } from "./http-files.ts";
import { type Manifest, readChecked, sha256 } from "./model-files.ts";

const path = "unet/model.onnx";
const right = new Uint8Array(100_000).map((_, i) => (i * 31) % 251);
let manifest: Manifest;

/** what the server answers for a path, and which paths it was asked for */
let answers: Record<string, (response: ServerResponse, range: string | undefined) => unknown>;
let requests: string[];
let ranges: (string | undefined)[];
let server: Server;
let url: string;

/** what is kept, by path; `full` refuses writes as a full disk does */
let kept: Map<string, Uint8Array<ArrayBuffer>>;
let full: boolean;

function folderAt(at: string): FileSystemDirectoryHandle {
  return {
    getDirectoryHandle: async (name: string) => folderAt(`${at}${name}/`),
    getFileHandle: async (name: string, options?: { create: boolean }) => {
      const file = at + name;
      if (!kept.has(file) && !options?.create) throw new DOMException("There is none.", "NotFoundError");
      if (!kept.has(file)) kept.set(file, new Uint8Array());
      return {
        getFile: async () => new Blob([kept.get(file) as Uint8Array<ArrayBuffer>]),
        createSyncAccessHandle: async () => ({
          getSize: () => kept.get(file)?.length ?? 0,
          truncate: (size: number) => void kept.set(file, (kept.get(file) as Uint8Array<ArrayBuffer>).slice(0, size)),
          write: (bytes: Uint8Array<ArrayBuffer>, { at: offset }: { at: number }) => {
            if (full) throw new DOMException("No space is left.", "QuotaExceededError");
            const before = kept.get(file) as Uint8Array<ArrayBuffer>;
            const after = new Uint8Array(Math.max(before.length, offset + bytes.length));
            after.set(before);
            after.set(bytes, offset);
            kept.set(file, after);
            return bytes.length;
          },
          flush: () => {},
          close: () => {},
        }),
      };
    },
    removeEntry: async (name: string) => {
      if (!kept.delete(at + name)) throw new DOMException("There is none.", "NotFoundError");
    },
  } as unknown as FileSystemDirectoryHandle;
}

beforeEach(async () => {
  manifest = { files: { [path]: { bytes: right.length, sha256: await sha256(right) } } } as unknown as Manifest;
  answers = { [`/tiny/${path}`]: (response) => response.end(right) };
  requests = [];
  ranges = [];
  waits.length = 0;
  kept = new Map();
  full = false;
  vi.stubGlobal("navigator", { storage: { getDirectory: async () => folderAt("/") } });
  server = createServer((request, response) => {
    requests.push(request.url ?? "");
    ranges.push(request.headers.range);
    const answer = answers[request.url ?? ""];
    if (answer) answer(response, request.headers.range);
    else response.writeHead(404).end();
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/tiny/`;
});

afterEach(() => {
  vi.unstubAllGlobals();
  stop();
});

function stop(): void {
  server.close();
  server.closeAllConnections();
}

const waits: number[] = [];
const wait = async (seconds: number) => void waits.push(seconds);
const key = () => `/models/tiny/${manifest.files[path].sha256}`;
const read = (onProgress?: (stage: string, loaded: number) => void) =>
  readChecked(httpFiles({ id: "tiny", url, title: "Tiny 1" }, wait), manifest, path, onProgress);

describe("a file of a model", () => {
  test("is fetched once, with its progress in bytes, and then works without the network", async () => {
    const progress: [string, number][] = [];
    expect(await read((...one) => progress.push(one))).toEqual(right);
    const fetched = progress.filter(([stage]) => stage === "fetch").map(([, loaded]) => loaded);
    expect(fetched.at(-1)).toBe(right.length);
    expect(fetched).toEqual([...fetched].sort((a, b) => a - b));
    expect([...kept]).toEqual([[key(), right]]);

    stop();
    expect(await read()).toEqual(right);
    expect(requests).toHaveLength(1);
  });

  test("that belongs to another model is fetched from its folder and kept with it", async () => {
    manifest = { files: { [path]: { ...manifest.files[path], folder: "../tiny/" } } } as unknown as Manifest;
    const twin = httpFiles({ id: "twin", url: new URL("../../twin/", url).href });
    expect(await readChecked(twin, manifest, path)).toEqual(right);
    expect([...kept.keys()]).toEqual([key()]);
    expect(await read()).toEqual(right);
    expect(requests).toEqual([`/tiny/${path}`]);
  });

  test("another version of it is another file", async () => {
    await read();
    const newer = right.map((byte) => byte ^ 1);
    answers[`/tiny/${path}`] = (response) => response.end(newer);
    manifest = { files: { [path]: { bytes: newer.length, sha256: await sha256(newer) } } } as unknown as Manifest;
    expect(await read()).toEqual(newer);
    expect(requests).toHaveLength(2);
  });

  test.each([
    ["changed", (bytes: Uint8Array<ArrayBuffer>) => bytes.map((byte, i) => (i === 1000 ? byte ^ 1 : byte))],
    ["cut short", (bytes: Uint8Array<ArrayBuffer>) => bytes.slice(0, 1000)],
  ])("that was kept and is %s is dropped and fetched once more", async (_, damage) => {
    await read();
    kept.set(key(), damage(right) as Uint8Array<ArrayBuffer>);
    expect(await read()).toEqual(right);
    expect(requests).toHaveLength(2);
    expect(kept.get(key())).toEqual(right);
  });

  test("that is wrong where it comes from is asked for twice, named, and not kept", async () => {
    answers[`/tiny/${path}`] = (response) => response.end(right.subarray(0, 5));
    const message = "The model file unet/model.onnx has 5 bytes instead of 100000";
    await expect(read()).rejects.toMatchObject({
      name: "ModelFileCorrupt",
      message: expect.stringContaining(message),
    });
    expect(requests).toHaveLength(2);
    expect(kept.size).toBe(0);
  });

  test("that is missing is named", async () => {
    answers = {};
    await expect(read()).rejects.toMatchObject({ name: "ModelFileMissing", message: expect.stringContaining(path) });
  });

  test.each<[string, RegExp, (response: ServerResponse) => void]>([
    ["answers with an error", /answered 503 for a part of Tiny 1; try again later\./, (it) => it.writeHead(503).end()],
    ["does not answer", /^Tiny 1 cannot be fetched completely; .*what has arrived is kept\.$/, (it) => it.destroy()],
  ])("whose server %s: NetworkFailed after four tries, and the next one goes well", async (_, message, answer) => {
    const whole = answers[`/tiny/${path}`];
    answers[`/tiny/${path}`] = answer;
    await expect(read()).rejects.toMatchObject({ name: "NetworkFailed", message: expect.stringMatching(message) });
    expect(requests).toHaveLength(4);
    expect(waits).toEqual([1, 2, 4]);
    answers[`/tiny/${path}`] = whole;
    expect(await read()).toEqual(right);
  });
});

describe("a connection that breaks in the middle", () => {
  const half = 50_000;
  const breaks = (response: ServerResponse) =>
    response
      .writeHead(200, { "content-length": right.length })
      .write(right.subarray(0, half), () => response.destroy());
  /** Answers with what is asked for, as the servers of static files do. */
  const ranged = (response: ServerResponse, range: string | undefined) => {
    const from = Number(/^bytes=(\d+)-$/.exec(range ?? "")?.[1] ?? 0);
    response.writeHead(206, { "content-range": `bytes ${from}-${right.length - 1}/${right.length}` });
    response.end(right.subarray(from));
  };

  test("costs nothing that had arrived", async () => {
    const progress: number[] = [];
    answers[`/tiny/${path}`] = (response, range) => (range ? ranged(response, range) : breaks(response));
    expect(await read((stage, loaded) => stage === "fetch" && progress.push(loaded))).toEqual(right);
    expect(ranges).toEqual([undefined, `bytes=${half}-`]);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
    expect([...kept]).toEqual([[key(), right]]);
  });

  test("and does not come back: the beginning is kept for the next visit", async () => {
    answers[`/tiny/${path}`] = (response, range) => void (range ? response.destroy() : breaks(response));
    await expect(read()).rejects.toMatchObject({ name: "NetworkFailed" });
    expect(kept.get(key())).toEqual(right.slice(0, half));
    ranges.length = 0;
    answers[`/tiny/${path}`] = ranged;
    expect(await read()).toEqual(right);
    expect(ranges).toEqual([`bytes=${half}-`]);
    expect([...kept]).toEqual([[key(), right]]);
  });

  test.each<[string, (response: ServerResponse) => void]>([
    ["gives no parts", (response) => response.end(right)],
    [
      "has another file there",
      (response) =>
        response.writeHead(206, { "content-range": "bytes 50000-50999/51000" }).end(right.subarray(0, 1000)),
    ],
    ["refuses the range", (response) => response.writeHead(416).end()],
  ])("a host that %s: it is begun again", async (_, answer) => {
    let broken = false;
    answers[`/tiny/${path}`] = (response, range) => {
      if (range) return void answer(response);
      if (broken) return void response.end(right);
      broken = true;
      breaks(response);
    };
    expect(await read()).toEqual(right);
    expect([...kept]).toEqual([[key(), right]]);
  });

  test("offline, a file of which nothing is here is not waited for", async () => {
    vi.stubGlobal("navigator", { ...navigator, onLine: false });
    answers[`/tiny/${path}`] = (response) => response.destroy();
    await expect(read()).rejects.toMatchObject({ name: "NetworkFailed" });
    expect(requests).toHaveLength(1);
  });
});

describe("a failure is told as what it is", () => {
  test("streams without an async iterator, as WebKit's, are read", async () => {
    const own = Object.getOwnPropertyDescriptor(ReadableStream.prototype, Symbol.asyncIterator);
    Reflect.deleteProperty(ReadableStream.prototype, Symbol.asyncIterator);
    try {
      expect(await read()).toEqual(right);
    } finally {
      Object.defineProperty(ReadableStream.prototype, Symbol.asyncIterator, own as PropertyDescriptor);
    }
  });

  test("an error of the page's own code is not a failure of the network", async () => {
    const own = new TypeError("undefined is not a function");
    const failing = () => {
      throw own;
    };
    await expect(read(failing)).rejects.toBe(own);
  });
});

describe("all files of a model", () => {
  const later = new Uint8Array(300).fill(7);
  const defaults = { prompt: "", negativePrompt: "", sampler: "", steps: 1, guidanceScale: 1, width: 8, height: 8 };
  const preview = { factors: [], bias: [0, 0, 0] };
  const listed = async () => {
    const files = { ...manifest.files, later: { bytes: later.length, sha256: await sha256(later) } };
    answers["/tiny/later"] = (response) => response.end(later);
    answers["/tiny/darkroom.json"] = (response) =>
      response.end(JSON.stringify({ title: "", license: "", defaults, size: { min: 8, max: 8 }, preview, files }));
  };

  test("are kept, those that are not there yet and no other", async () => {
    await listed();
    await read();
    requests = [];
    await keepFiles({ id: "tiny", url });
    expect(requests).toEqual(["/tiny/darkroom.json", "/tiny/later"]);
    expect([...kept.values()]).toEqual([right, later]);
  });

  test("are not fetched where nothing can be kept", async () => {
    await listed();
    vi.stubGlobal("navigator", { storage: { getDirectory: () => Promise.reject(new DOMException("No.")) } });
    await keepFiles({ id: "tiny", url });
    expect(requests).toEqual(["/tiny/darkroom.json"]);
  });
});

test("a browser without a private file system works straight from the network", async () => {
  const refused = () => Promise.reject(new DOMException("Not in a private window.", "SecurityError"));
  vi.stubGlobal("navigator", { storage: { getDirectory: refused } });
  expect(await read()).toEqual(right);
  expect(await read()).toEqual(right);
  expect(requests).toHaveLength(2);
});

test("a full disk: the file is used all the same, and nothing half-written stays", async () => {
  full = true;
  expect(await read()).toEqual(right);
  expect(kept.size).toBe(0);
});
