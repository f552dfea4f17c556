import { chromium, type Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { GalleryPage } from "./pages/gallery.page.ts";
import { UnfinishedPage } from "./pages/unfinished.page.ts";

/** `KILLS=50 npx playwright test e2e/kill` for the full count. */
const KILLS = Number(process.env.KILLS ?? 4);
/** The software GPU takes seconds a step: of the kills a share, and short runs. */
const GPU_KILLS = Math.ceil(KILLS / 6);

test.describe.configure({ timeout: 240_000 + KILLS * 60_000 });

/** The same moments in every run of this file. */
function createRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

/** The software GPU takes its time for a step, and nothing here is about speed. */
const patiently = expect.configure({ timeout: 600_000 });

const pause = (milliseconds: number) => new Promise((done) => setTimeout(done, milliseconds));

/** Presses Generate and returns at a random moment of the run: before its first step, between two, or at its end. */
async function startAndWait(darkroom: DarkroomPage, total: number, random: () => number): Promise<void> {
  const steps = Math.floor(random() * (total + 1));
  await darkroom.press();
  // The strip still holds the steps of the run before, until this one begins.
  await expect(darkroom.cancel).toBeVisible();
  if (steps > 0)
    await patiently(darkroom.step(steps, total).or(darkroom.picture("a red apple")).first()).toBeAttached();
  await pause(random() * 60);
}

test("the worker and the tab are killed at random moments: nothing in the gallery is lost or half-written, every run goes on", async ({
  darkroom,
  context,
}) => {
  const random = createRandom(20261124);
  const wish = { prompt: "a red apple", steps: 10, seed: 3 };
  await darkroom.open("?device=cpu&test");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await new GalleryPage(darkroom.page).kept(1);
  const [unbroken] = await keptPictures(darkroom.page);

  let current = darkroom;
  let wentOn = 0;
  for (let kill = 1; kill <= KILLS - GPU_KILLS; kill++) {
    await startAndWait(current, wish.steps, random);
    if (kill % 2 === 0) await current.killWorker();
    else {
      current = await reopen(current, await context.newPage(), random() < 0.5);
      const { notice, goOn } = new UnfinishedPage(current.page);
      const kept = current.page.getByRole("button", { name: `Gallery (${kill + 1})` });
      await expect(goOn.or(kept)).toBeVisible();
      if (await goOn.isVisible()) {
        wentOn++;
        await goOn.click();
      }
      await expect(notice).toBeEmpty();
    }
    await new GalleryPage(current.page).kept(kill + 1);
    await current.fill(wish);
  }
  expect(wentOn, "tabs that left a run to go on with").toBeGreaterThan(0);
  // Every file belongs to a record and is whole, and every broken run came to the picture of the unbroken one.
  await expect.poll(() => keptPictures(current.page)).toEqual(Array(KILLS - GPU_KILLS + 1).fill(unbroken));
});

test("the GPU process is killed in the middle of a run, and the run goes on", async ({ launchOptions, baseURL }) => {
  const random = createRandom(7);
  const wish = { prompt: "a red apple", steps: 2, seed: 3, guidanceScale: 1 };
  for (let kill = 1; kill <= GPU_KILLS; kill++) {
    // A browser each: after two such crashes Chromium gives the page no adapter for some minutes.
    const browser = await chromium.launch(launchOptions);
    try {
      const darkroom = new DarkroomPage(await browser.newPage());
      const gallery = new GalleryPage(darkroom.page);
      await darkroom.open(`${baseURL}?device=webgpu`);
      await expect(darkroom.backend).toHaveText(/^WebGPU/);
      await darkroom.chooseSmallestSize();
      await darkroom.fill(wish);
      await startAndWait(darkroom, wish.steps, random);
      const session = await browser.newBrowserCDPSession();
      await session.send("Browser.crashGpuProcess" as "Browser.close");
      await gallery.kept(1);
      const [broken] = await keptPictures(darkroom.page);
      // The unbroken one comes after it: the shaders are compiled already.
      await darkroom.make(wish);
      await gallery.kept(2);
      expect(await keptPictures(darkroom.page)).toEqual([broken, broken]);
    } finally {
      await browser.close();
    }
  }
});

/** Ends the tab, by a crash of its process or by closing it, and opens the app in another one. */
async function reopen(killed: DarkroomPage, page: Page, crash: boolean): Promise<DarkroomPage> {
  if (crash) {
    const session = await killed.page.context().newCDPSession(killed.page);
    await Promise.race([session.send("Page.crash").catch(() => {}), killed.page.waitForEvent("crash")]);
  }
  await killed.page.close();
  const darkroom = new DarkroomPage(page);
  await darkroom.open("?device=cpu&test");
  await darkroom.chooseSmallestSize();
  return darkroom;
}

/** The pixels of every kept picture, as a digest. @throws where a file has no record, or a record no whole file */
async function keptPictures(page: Page): Promise<string[]> {
  return page.evaluate(async () => {
    const database = await new Promise<IDBDatabase>((done, failed) => {
      const request = indexedDB.open("darkroom");
      request.onsuccess = () => done(request.result);
      request.onerror = () => failed(request.error);
    });
    const ids = await new Promise<string[]>((done) => {
      const request = database.transaction("pictures").objectStore("pictures").getAllKeys();
      request.onsuccess = () => done(request.result as string[]);
    });
    database.close();
    const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("gallery");
    const names: string[] = [];
    for await (const name of folder.keys()) names.push(name);
    const wanted = ids.flatMap((id) => [`${id}.png`, `${id}.webp`]);
    if (names.sort().join() !== wanted.sort().join()) throw new Error(`files ${names}, records ${ids}`);
    const digests: string[] = [];
    for (const name of names) {
      const picture = await createImageBitmap(await (await folder.getFileHandle(name)).getFile());
      if (!name.endsWith(".png")) continue;
      const canvas = new OffscreenCanvas(picture.width, picture.height);
      const drawn = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      drawn.drawImage(picture, 0, 0);
      const { data } = drawn.getImageData(0, 0, picture.width, picture.height);
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", data));
      digests.push(Array.from(digest, (byte) => byte.toString(16)).join(""));
    }
    return digests;
  });
}
