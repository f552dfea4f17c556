import { createHash } from "node:crypto";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type HubStandIn, REPOSITORY, startHubStandIn } from "../../../testing/hub-stand-in.ts";
import { type ContentCache, contentCache } from "../cache/content-cache.ts";
import { contentName } from "../cache/content-id.ts";
import { memoryStore } from "../cache/memory-store.ts";
import { downloadFiles } from "./download.ts";
import { HubError } from "./hub-error.ts";
import { openRepository } from "./repository.ts";

const PART = 1000;
const WEIGHTS = "unet/model.onnx";
/** Bytes that repeat with no part's length, so that two parts are never alike. */
const weights = Buffer.from(Array.from({ length: 7321 }, (_, index) => (index * 31 + (index >> 7)) & 255));
const config = Buffer.from('{"in_channels": 4}\n');

let hub: HubStandIn;
let store: ReturnType<typeof memoryStore>;
let cache: ContentCache;
const waits: number[] = [];
const wait = async (seconds: number) => void waits.push(seconds);

beforeEach(async () => {
  hub = await startHubStandIn({
    [WEIGHTS]: { bytes: weights, lfs: true },
    "unet/config.json": { bytes: config, lfs: false },
  });
  store = memoryStore();
  cache = contentCache(store, PART);
  waits.length = 0;
});
afterEach(() => hub.close());

const open = (repository = REPOSITORY) => openRepository({ hub: hub.url, repository, revision: "main" });
async function fetchAll(options: Parameters<typeof downloadFiles>[3] = {}, into = cache) {
  const repository = await open();
  await downloadFiles(repository, repository.files, into, { wait, ...options });
  return repository;
}
async function weightsIn(from: ContentCache): Promise<Buffer | undefined> {
  const repository = await open();
  const blob = await from.get(repository.files[0].content);
  return blob && Buffer.from(await blob.arrayBuffer());
}
const rangesServed = () => hub.served.filter(({ path }) => path === WEIGHTS).map(({ range }) => range);

describe("the listing", () => {
  test("files with sizes and digests, the licence and the commit, before any byte of a file", async () => {
    const { files, license, commit, gated } = await open();
    expect({ license, commit, gated }).toEqual({ license: "openrail++", commit: hub.commit, gated: false });
    expect(files).toEqual([
      {
        path: WEIGHTS,
        content: { algorithm: "sha256", bytes: 7321, digest: createHash("sha256").update(weights).digest("hex") },
      },
      // printf '{"in_channels": 4}\n' | git hash-object --stdin
      {
        path: "unet/config.json",
        content: {
          algorithm: "git-blob",
          bytes: 19,
          digest: createHash("sha1").update(`blob 19\0${config}`).digest("hex"),
        },
      },
    ]);
    expect(hub.served).toEqual([]);
  });

  test.each(["web/half", "web/half/unet"])("the folder of the address alone: %s", async (folder) => {
    hub.files.set("web/half/unet/model.onnx", { bytes: weights.subarray(0, 3210), lfs: true });
    hub.files.set("web/half/model_index.json", { bytes: config, lfs: false });
    const repository = await openRepository({ hub: hub.url, repository: REPOSITORY, revision: "main", folder });
    expect(repository.address.folder).toBe("web/half");
    expect(repository.files.map(({ path }) => path)).toEqual(["unet/model.onnx", "model_index.json"]);
    await downloadFiles(repository, repository.files, cache, { wait });
    expect(hub.served.map(({ path }) => path).filter((path) => !path.startsWith("web/half/"))).toEqual([]);
    const kept = await cache.get(repository.files[0].content);
    expect(Buffer.from((await kept?.arrayBuffer()) as ArrayBuffer)).toEqual(weights.subarray(0, 3210));
    expect((await open()).folders).toEqual(["web/half"]);
  });

  test.each([
    ["nowhere", /someone\/model has no folder nowhere at main; check the address/],
    ["../other", /is not a folder of a repository/],
  ])("a folder that is not there: %s", async (folder, message) => {
    const opening = openRepository({ hub: hub.url, repository: REPOSITORY, revision: "main", folder });
    await expect(opening).rejects.toMatchObject({ name: "InvalidSetting", message });
  });

  test.each(["null", "[]", '{"sha": 3}', '{"sha": "main"}'])("an answer of another form: %s", async (answer) => {
    hub.intercept = (_, response) => Boolean(response.end(answer));
    await expect(open()).rejects.toMatchObject({ problem: "lying" });
  });

  test.each(["null", "{}", "[null]", '[{"type": "file", "path": 3}]'])(
    "a listing of another form: %s",
    async (listing) => {
      hub.intercept = (request, response) => Boolean(request.url?.includes("/tree/") && response.end(listing));
      await expect(open()).rejects.toMatchObject({ problem: "lying" });
    },
  );

  test.each(["model", "a/b/c", "../x", "a b/c"])("%s is no repository", async (name) => {
    await expect(open(name)).rejects.toMatchObject({
      name: "InvalidSetting",
      message: expect.stringMatching(/owner\/name/),
    });
  });

  test("a listing with a path that leaves the folder is refused", async () => {
    hub.files.set("../outside.json", { bytes: config, lfs: false });
    await expect(open()).rejects.toMatchObject({ problem: "lying" });
  });

  test.each([
    [401, { "X-Error-Code": "RepoNotFound" }, "missing"],
    [401, {}, "unauthorized"],
    [403, { "X-Error-Code": "GatedRepo" }, "gated"],
    [401, { "X-Error-Code": "GatedRepo" }, "gated"],
    [404, {}, "missing"],
    [429, { "Retry-After": "17" }, "rate limited"],
    [503, {}, "server"],
  ])("%s %j is %s", async (status, headers, problem) => {
    hub.intercept = (_, response) => Boolean(response.writeHead(status, headers as Record<string, string>).end());
    const error = await open().catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(HubError);
    expect(error).toMatchObject({ problem, ...(status === 429 ? { retryAfter: 17 } : {}) });
  });

  test.each([
    ["breaks off", "unreachable"],
    ["is not JSON", "lying"],
  ])("an answer that %s is %s", async (kind, problem) => {
    hub.intercept = (_, response) => {
      if (kind === "is not JSON") response.end("<html>");
      else response.writeHead(200, { "content-length": 100 }).write('{"sha":', () => response.destroy());
      return true;
    };
    await expect(open()).rejects.toMatchObject({ problem });
  });

  test("a dead network", async () => {
    const repository = { hub: hub.url, repository: REPOSITORY, revision: "main" };
    await hub.close();
    await expect(openRepository(repository)).rejects.toMatchObject({ name: "NetworkFailed", problem: "unreachable" });
  });
});

describe("a download", () => {
  test("all the bytes, each part once, through the redirect", async () => {
    const told: number[] = [];
    await fetchAll({ onProgress: ({ stage, loadedBytes }) => stage === "fetch" && told.push(loadedBytes) });
    expect(await weightsIn(cache)).toEqual(weights);
    expect(rangesServed().sort()).toEqual(
      Array.from({ length: 8 }, (_, part) => `bytes=${part * PART}-${Math.min((part + 1) * PART, 7321) - 1}`),
    );
    expect(Math.max(...told)).toBe(weights.length + config.length);
  });

  test("what is there is not fetched again", async () => {
    await fetchAll();
    hub.served.length = 0;
    await fetchAll();
    expect(hub.served).toEqual([]);
  });

  test("after a pause only the missing parts are fetched", async () => {
    const pause = new AbortController();
    let arrived = 0;
    hub.distort = (_, __, body) => {
      if (++arrived === 4) pause.abort();
      return body;
    };
    await expect(fetchAll({ signal: pause.signal, parallel: 1 })).rejects.toMatchObject({ name: "AbortError" });
    expect(await weightsIn(cache)).toBeUndefined();
    hub.served.length = 0;
    await fetchAll({}, contentCache(store, PART)); // as after a reload: nothing is left but the store
    expect(rangesServed().length).toBeLessThanOrEqual(5);
    expect(await weightsIn(cache)).toEqual(weights);
  });

  test.each(Array.from({ length: 20 }, (_, seed) => (seed * 389 + 57) % 7321))(
    "killed at byte %i, with a torn part on the disk, it goes on",
    async (kill) => {
      const pause = new AbortController();
      hub.distort = (path, start, body) => {
        if (path === WEIGHTS && start + body.length > kill) pause.abort();
        return body;
      };
      await fetchAll({ signal: pause.signal, parallel: 1 }).catch(() => {});
      const name = contentName((await open()).files[0].content);
      const torn = await store.writer(name);
      await torn.write(new Uint8Array(kill % PART).fill(1), kill - (kill % PART)); // what the kill left of the part under way
      hub.served.length = 0;
      hub.distort = undefined;
      await fetchAll({}, contentCache(store, PART));
      expect(await weightsIn(cache)).toEqual(weights);
      expect(rangesServed().length).toBe(8 - Math.floor(kill / PART));
    },
  );

  test("a bit that flips on the disk costs one part", async () => {
    const repository = await fetchAll();
    const [{ content }] = repository.files;
    const writer = await store.writer(contentName(content));
    await writer.write(new Uint8Array([weights[4500] ^ 4]), 4500);
    expect(await cache.verify(content)).toBe(false);
    hub.served.length = 0;
    const opened = await cache.open(content);
    expect(opened.missing()).toEqual([4]);
    await opened.close();
  });

  test("a bit that flips on the way is found and mended", async () => {
    let flipped = false;
    hub.distort = (_, start, body) => {
      if (start === 3000 && !flipped) {
        flipped = true;
        body[7] ^= 1;
      }
      return body;
    };
    await fetchAll();
    expect(flipped).toBe(true);
    expect(await weightsIn(cache)).toEqual(weights);
  });

  test("a hub that lies for good: an error, and nothing is kept", async () => {
    hub.distort = (_, start, body) => {
      if (start === 3000) body[7] ^= 1;
      return body;
    };
    await expect(fetchAll()).rejects.toMatchObject({
      name: "ModelFileCorrupt",
      message: expect.stringMatching(/unet\/model\.onnx/),
    });
    expect((await store.list()).filter(({ bytes }) => bytes > 300)).toEqual([]);
  });

  test("a file that changes in the middle is noticed", async () => {
    let requests = 0;
    hub.etag = () => (++requests > 6 ? '"new"' : '"old"');
    await expect(fetchAll({ parallel: 1 })).rejects.toMatchObject({ problem: "changed" });
  });

  test("another length in the middle is noticed", async () => {
    const repository = await open();
    hub.files.set(WEIGHTS, { bytes: Buffer.concat([weights, weights]), lfs: true });
    await expect(downloadFiles(repository, repository.files, cache, { wait })).rejects.toMatchObject({
      problem: "changed",
    });
  });

  test("a full disk: one sentence, and the parts before it are kept and valid", async () => {
    store = memoryStore(3600);
    cache = contentCache(store, PART);
    await expect(fetchAll({ parallel: 1 })).rejects.toMatchObject({
      message: expect.stringMatching(/disk space.*delete a model/),
    });
    expect(await weightsIn(cache)).toBeUndefined();
    const opened = await cache.open((await open()).files[0].content).catch(() => undefined);
    expect(opened?.missing().length).toBeLessThan(8);
    expect(opened?.missing().length).toBeGreaterThan(3);
  });

  test("asked too often: it waits as long as it is told, then goes on", async () => {
    let refusals = 2;
    hub.intercept = (request, response) => {
      if (!request.url?.startsWith("/cdn/") || refusals-- <= 0) return false;
      response.writeHead(429, { "Retry-After": "9" }).end();
      return true;
    };
    await fetchAll();
    expect(waits).toEqual([9, 9]);
    expect(await weightsIn(cache)).toEqual(weights);
  });

  test("a connection that breaks in the middle of a part is tried again", async () => {
    let breaks = 1;
    hub.intercept = (request, response) => {
      if (!request.url?.startsWith("/cdn/") || breaks-- <= 0) return false;
      response.writeHead(206, { "Content-Length": PART }).write(Buffer.alloc(10));
      setImmediate(() => response.destroy());
      return true;
    };
    await fetchAll({ parallel: 1 });
    expect(waits).toEqual([1]);
    expect(await weightsIn(cache)).toEqual(weights);
  });
});
