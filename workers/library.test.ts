import { afterEach, beforeEach, expect, test } from "vitest";
import { createLibrary } from "./library.ts";
import { memoryStore } from "./models/sources/cache/memory-store.ts";
import { type ModelCache, modelCache } from "./models/sources/cache/model-index.ts";
import type { ModelLibrary } from "./protocol.ts";
import { type HubStandIn, REPOSITORY, startHubStandIn } from "./testing/hub-stand-in.ts";

const PART = 1000;
const weights = Buffer.from(Array.from({ length: 4321 }, (_, index) => (index * 31 + (index >> 7)) & 255));
const graph = { bytes: weights, lfs: true };

let hub: HubStandIn;
let cache: ModelCache;
let library: ModelLibrary;

beforeEach(async () => {
  hub = await startHubStandIn({
    "unet/model.onnx": graph,
    "vae_decoder/model.onnx": { ...graph, bytes: weights.subarray(1) },
  });
  cache = modelCache(memoryStore(), memoryStore(), PART);
  library = createLibrary(async () => cache);
});
afterEach(() => hub.close());

const inspect = () => library.inspect({ hub: hub.url, repository: REPOSITORY, revision: "main" }, "float32");

test("listed, paused, listed as half here, and taken up by another library", async () => {
  const offer = await inspect();
  expect(offer).toMatchObject({ bytes: 8641, license: "openrail++", title: REPOSITORY });
  expect(hub.served).toEqual([]);
  let answered = 0;
  hub.distort = (_, __, body) => {
    if (++answered === 3) library.pause(offer.id);
    return body;
  };
  await expect(library.download(offer, () => {})).rejects.toMatchObject({ name: "Cancelled" });
  const [half] = await library.list();
  expect(half.storedBytes).toBeLessThan(half.bytes);
  hub.distort = undefined;
  const later = createLibrary(async () => cache); // as after a reload
  await later.download(half.offer as typeof offer, () => {});
  expect(await later.list()).toMatchObject([{ id: offer.id, bytes: 8641, storedBytes: 8641 }]);
  expect(await later.check(offer.id, () => {})).toBe(true);
});

test("a list that is asked for while a download begins or goes on has the model", async () => {
  const offer = await inspect();
  for (let time = 0; time < 2; time++) {
    const done = library.download(offer, () => {});
    expect(await library.list()).toMatchObject([{ id: offer.id }]);
    await done;
  }
});

test("the same model twice at a time is refused", async () => {
  const offer = await inspect();
  const first = library.download(offer, () => {});
  await expect(library.download(offer, () => {})).rejects.toMatchObject({
    name: "Busy",
    message: expect.stringContaining("already downloading"),
  });
  await first;
});

test("a folder is copied whole, and one without a graph is refused", async () => {
  const folder = [{ path: "unet/model.onnx", file: new File([weights], "model.onnx") }];
  const id = await library.copy("My model", folder, () => {});
  expect(await library.list()).toMatchObject([{ id, title: "My model", bytes: 4321, storedBytes: 4321 }]);
  const [{ content }] = (await cache.find(id)).files;
  expect(Buffer.from(await ((await cache.contents.get(content)) as Blob).arrayBuffer())).toEqual(weights);
  await library.remove(id);
  expect(await library.list()).toEqual([]);
  await expect(library.copy("Texts", [{ path: "a.txt", file: new File(["a"], "a.txt") }], () => {})).rejects.toThrow(
    /no ONNX graph/,
  );
});
