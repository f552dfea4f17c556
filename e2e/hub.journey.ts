import { readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { listFiles } from "../cli/list-files.ts";
import { securityHeaders } from "../cli/security-headers.ts";
import { createStaticServer } from "../cli/static-server.ts";
import { type HubStandIn, REPOSITORY, type StandInFile, startHubStandIn } from "../workers/testing/hub-stand-in.ts";
import { test as base, expect } from "./fixtures.ts";
import { expectAccessible } from "./pages/accessibility.ts";
import { ModelsPage } from "./pages/models.page.ts";
import { dist } from "./servers.ts";

const tiny = fileURLToPath(new URL("../workers/testing/families/stable-diffusion/", import.meta.url));
/** bytes that are fetched together */
const PART = 2 ** 23;
const TOTAL = 3 * PART + 12_344;

async function filesOf(folder: string): Promise<Record<string, StandInFile>> {
  const files: Record<string, StandInFile> = {};
  for (const path of await listFiles(folder)) {
    const bytes = await readFile(path);
    files[relative(folder, path)] = { bytes, lfs: bytes.length > 30_000 };
  }
  return files;
}

/** The tiny model with a U-Net that takes several parts: bytes that no other part has, in a file that the graph does not name. */
const WEIGHTS = "unet/padding.data";
function padded(files: Record<string, StandInFile>): Record<string, StandInFile> {
  const bytes = Buffer.alloc(TOTAL);
  for (let at = 0; at < TOTAL; at += 4) bytes.writeUInt32LE(Math.imul(at, 2654435761) >>> 0, at);
  return { ...files, [WEIGHTS]: { bytes, lfs: true } };
}

interface Fixtures {
  hub: HubStandIn;
  models: ModelsPage;
}

/** The hub is a mirror on the page's own host: one server answers for both, and the content policy is as it is published. */
const test = base.extend<Fixtures>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads from the pattern what a fixture needs
  hub: async ({}, use) => {
    const app = createStaticServer(dist, securityHeaders);
    const hub = await startHubStandIn(padded(await filesOf(tiny)));
    hub.intercept = (request, response) => {
      if (/^\/(api|cdn|someone)\//.test(request.url ?? "")) return false;
      return app.emit("request", request, response);
    };
    await use(hub);
    await hub.close();
  },
  models: async ({ page, hub, darkroom }, use) => {
    const models = new ModelsPage(page);
    const home = hub.url.replace("127.0.0.1", "localhost");
    await darkroom.open(`${home}?device=cpu&test`);
    await models.open();
    await models.useHub(home);
    await use(models);
  },
});

const rangesOf = (hub: HubStandIn) => hub.served.filter(({ path }) => path === WEIGHTS).map(({ range }) => range);

test("a repository is listed, downloaded, checked and run; a flipped bit costs one part; it is deleted", async ({
  darkroom,
  hub,
  models,
}) => {
  await models.list(REPOSITORY);
  await expect(models.offer).toContainText("openrail++");
  await expect(models.offer).toContainText(WEIGHTS);
  await expect(models.offer.getByRole("button", { name: "Download" })).toBeDisabled();
  expect(hub.served).toEqual([]);
  await expectAccessible(models.page, "the files of a repository");
  await models.download();
  await expect(models.status).toHaveText(/is downloaded/);
  expect(rangesOf(hub)).toHaveLength(4);

  hub.served.length = 0;
  await models.page.evaluate(flipBit, { bytes: TOTAL, at: PART + 77 });
  await models.action("Check", REPOSITORY).click();
  await expect(models.status).toHaveText(/damaged parts were fetched again/);
  expect(hub.served).toEqual([{ path: WEIGHTS, range: `bytes=${PART}-${2 * PART - 1}` }]);
  await models.action("Check", REPOSITORY).click();
  await expect(models.status).toHaveText(/Every file is what it was published as/);

  await models.action("Use", REPOSITORY).click();
  await expect(darkroom.model.locator("option:checked")).toHaveText(REPOSITORY);
  await darkroom.ready();
  await darkroom.chooseSmallestSize();
  await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 });

  await darkroom.reload();
  await models.open();
  await expect(models.action("Use", REPOSITORY).or(models.dialog.getByText("In use"))).not.toHaveCount(0);
  await models.page.getByRole("button", { name: "Use Safelight 1", exact: true }).click();
  await darkroom.ready();
  await models.open();
  await models.action("Delete", REPOSITORY).click();
  await expect(models.action("Delete", REPOSITORY)).toHaveCount(0);
});

test("killed at a random byte, twenty times, it goes on where it was", async ({ darkroom, hub, models }) => {
  let random = 20261123;
  const next = () => {
    random = (Math.imul(random, 1664525) + 1013904223) >>> 0;
    return random / 2 ** 32;
  };
  const serveStatic = hub.intercept as NonNullable<HubStandIn["intercept"]>;
  for (let kill = 0; kill < 20; kill++) {
    // The answer stops for good at this byte of the part that is asked for; then the page is ended.
    const at = Math.floor(next() * TOTAL);
    let reached = () => {};
    const stalled = new Promise<void>((done) => {
      reached = done;
    });
    hub.intercept = (request, response) => {
      if (!request.url?.startsWith("/cdn/unet%2Fpadding")) return serveStatic(request, response);
      const [, from, to] = /bytes=(\d+)-(\d+)/.exec(request.headers.range ?? "") ?? [];
      const start = Number(from);
      const length = Number(to) + 1 - start;
      response.writeHead(206, {
        "Content-Length": length,
        "Content-Range": `bytes ${from}-${to}/${TOTAL}`,
        ETag: hub.etag(WEIGHTS),
      });
      const bytes = (hub.files.get(WEIGHTS) as StandInFile).bytes;
      response.write(bytes.subarray(start, start + (at % length)), () => reached());
      return true;
    };
    if (kill === 0) {
      await models.list(REPOSITORY);
      await models.download();
    } else {
      await models.action("Resume", REPOSITORY).click();
    }
    await stalled;
    await models.page.goto("about:blank");
    await models.page.goto(`${hub.url.replace("127.0.0.1", "localhost")}?device=cpu`);
    await models.open();
    await expect(models.action("Resume", REPOSITORY)).toBeVisible();
    // Now and then one more part gets through, so that the kills meet files in every state.
    if (kill % 5 === 4 && kill < 19) {
      let through = 1;
      hub.intercept = (request, response) => {
        if (!request.url?.startsWith("/cdn/unet%2Fpadding") || through-- > 0) return serveStatic(request, response);
        return true; // never answered
      };
      await models.action("Resume", REPOSITORY).click();
      await expect.poll(() => through).toBeLessThan(0);
      await models.action("Pause", REPOSITORY).click();
      await expect(models.action("Resume", REPOSITORY)).toBeVisible();
    }
  }
  hub.intercept = serveStatic;
  const whole = rangesOf(hub).length;
  expect(whole).toBeGreaterThan(0);
  await models.action("Resume", REPOSITORY).click();
  await expect(models.status).toHaveText(/is downloaded/);
  await models.action("Check", REPOSITORY).click();
  await expect(models.status).toHaveText(/Every file is what it was published as/);
  await models.action("Use", REPOSITORY).click();
  await darkroom.ready();
});

test("a file that changes on the hub in the middle is told, and listing again goes on", async ({ hub, models }) => {
  const etag = hub.etag;
  // Every part after the first is another file's.
  hub.etag = (path) => (path === WEIGHTS && rangesOf(hub).length > 1 ? '"another"' : etag(path));
  await models.list(REPOSITORY);
  await models.download();
  await expect(models.status).toHaveText(/changed at localhost.*list the repository again/);
  hub.etag = etag;
  await models.list(REPOSITORY);
  await models.download();
  await expect(models.status).toHaveText(/is downloaded/);
});

test("a full disk: one sentence with the remedy; with room again it goes on", async ({ page, hub, models }) => {
  // One part is kept before the disk is full: the others are asked for and not answered.
  const serveStatic = hub.intercept as NonNullable<HubStandIn["intercept"]>;
  hub.intercept = (request, response) => {
    if (!request.url?.startsWith("/cdn/unet%2Fpadding")) return serveStatic(request, response);
    return request.headers.range?.startsWith("bytes=0-") ? serveStatic(request, response) : true;
  };
  await models.list(REPOSITORY);
  await models.download();
  // What has arrived is shown before it is written.
  await expect.poll(() => page.evaluate(firstPartIsKept, PART)).toBe(true);
  await models.action("Pause", REPOSITORY).click();
  await expect(models.action("Resume", REPOSITORY)).toBeVisible();
  hub.intercept = serveStatic;

  const session = await page.context().newCDPSession(page);
  const origin = new URL(page.url()).origin;
  const { usage } = await session.send("Storage.getUsageAndQuota", { origin });
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: usage + 2_000_000 });
  await models.action("Resume", REPOSITORY).click();
  await expect(models.status).toHaveText(/disk space.*delete a model/);
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  hub.served.length = 0;
  await models.action("Resume", REPOSITORY).click();
  await expect(models.status).toHaveText(/is downloaded/);
  expect(rangesOf(hub), "a part that was kept is not fetched again").not.toContain(`bytes=0-${PART - 1}`);
});

test("what the hub refuses is told in one sentence with the remedy", async ({ hub, models }) => {
  const answers: [status: number, headers: Record<string, string>, sentence: RegExp][] = [
    [401, { "X-Error-Code": "GatedRepo" }, /accepted its conditions.*open it from the disk/],
    [401, {}, /asks for an account/],
    [404, { "X-Error-Code": "RepoNotFound" }, /check the spelling/],
    [429, { "Retry-After": "17" }, /asked too often.*in 17 s/],
  ];
  const serveStatic = hub.intercept as NonNullable<HubStandIn["intercept"]>;
  for (const [status, headers, sentence] of answers) {
    hub.intercept = (request, response) => {
      if (!request.url?.startsWith("/api/")) return serveStatic(request, response);
      response.writeHead(status, headers).end();
      return true;
    };
    await models.list(REPOSITORY);
    await expect(models.status).toHaveText(sentence);
  }
});

test("a folder from the disk is used in place, and copied", async ({ page, darkroom, models }) => {
  await page.evaluate(() => Reflect.deleteProperty(window, "showDirectoryPicker"));
  const choose = async () => {
    const chooser = page.waitForEvent("filechooser");
    await models.dialog.getByRole("button", { name: "Open a folder" }).click();
    await (await chooser).setFiles(join(tiny));
  };
  await choose();
  await expect(darkroom.model.locator("option:checked")).toHaveText("stable-diffusion (folder)");
  await darkroom.ready();
  await darkroom.chooseSmallestSize();
  const inPlace = await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 });

  // A new engine reads the same folder.
  await darkroom.killWorker();
  expect(await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 })).toEqual(inPlace);

  await models.open();
  await models.dialog.getByRole("checkbox", { name: "Copy it into the browser" }).check();
  await choose();
  await expect(models.status).toHaveText(/is copied/);
  await page.keyboard.press("Escape");
  await expect(darkroom.model.locator("option:checked")).toHaveText("stable-diffusion");
  await darkroom.ready();
  await darkroom.chooseSmallestSize();
  expect(await darkroom.make({ prompt: "a red apple", steps: 2, seed: 1 })).toEqual(inPlace);
});

/** Whether the first part of a file of more bytes is kept: it is written, and its digest of 32 bytes stands in the journal. */
async function firstPartIsKept(bytes: number): Promise<boolean> {
  const root = await navigator.storage.getDirectory();
  const library = await root.getDirectoryHandle("library", { create: true });
  const contents = await library.getDirectoryHandle("contents", { create: true });
  for await (const handle of contents.values()) {
    if ((await (handle as FileSystemFileHandle).getFile()).size < bytes) continue;
    const journal = await contents.getFileHandle(`${handle.name}.parts`);
    const digest = new Uint8Array(await (await journal.getFile()).slice(0, 32).arrayBuffer());
    if (digest.some((byte) => byte !== 0)) return true;
  }
  return false;
}

/** Flips a bit of the stored file that has so many bytes. */
async function flipBit({ bytes, at }: { bytes: number; at: number }): Promise<void> {
  const root = await navigator.storage.getDirectory();
  const contents = await (await root.getDirectoryHandle("library")).getDirectoryHandle("contents");
  for await (const handle of contents.values()) {
    if (handle.kind !== "file") continue;
    const file = await (handle as FileSystemFileHandle).getFile();
    if (file.size !== bytes) continue;
    const byte = new Uint8Array(await file.slice(at, at + 1).arrayBuffer());
    const writable = await (handle as FileSystemFileHandle).createWritable({ keepExistingData: true });
    await writable.write({ type: "write", position: at, data: new Uint8Array([byte[0] ^ 4]) });
    await writable.close();
    return;
  }
  throw new Error("no such file");
}
