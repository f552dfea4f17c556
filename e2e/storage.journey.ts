/** Each thing that a browser may refuse to keep: a picture is drawn all the same, and one sentence says what is not kept. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { GalleryPage } from "./pages/gallery.page.ts";
import { replaceFile, runBefore } from "./servers.ts";

const wish = { prompt: "a red apple", steps: 1, seed: 3 };
const WORKERS = /^(engine|library|files)\.worker-.*\.js$/;
const SERVICE_WORKER = /^service-worker\.js$/;

/** Scripts that make an API throw where it is read, or reject where it is used. */
const refused = 'new DOMException("Refused.", "SecurityError")';
const throws = (owner: string, name: string) =>
  `Object.defineProperty(${owner}, "${name}", { get() { throw ${refused}; } })`;
const rejects = (owner: string, ...names: string[]) =>
  names.map((name) => `${owner}.prototype.${name} = () => Promise.reject(${refused})`).join(";");

interface Case {
  name: string;
  script: string;
  /** the sentence's end; undefined: nothing is lost */
  said?: string;
  /** scripts of the app that meet it, too */
  also?: RegExp;
}
const cases: Case[] = [
  { name: "localStorage", script: throws("window", "localStorage"), said: "settings last until it is closed." },
  {
    name: "writing to localStorage",
    script: `Storage.prototype.setItem = () => { throw ${refused}; }`,
    said: "settings last until it is closed.",
  },
  { name: "sessionStorage", script: throws("window", "sessionStorage") },
  {
    name: "IndexedDB",
    script: `IDBFactory.prototype.open = () => { throw ${refused}; }`,
    said: "pictures last until it is closed.",
  },
  {
    name: "the private file system",
    script: rejects("StorageManager", "getDirectory"),
    also: WORKERS,
    said: "pictures and models last until it is closed.",
  },
  {
    name: "all of navigator.storage",
    script: 'Object.defineProperty(Object.getPrototypeOf(navigator), "storage", { value: undefined })',
    also: WORKERS,
    said: "pictures and models last until it is closed.",
  },
  { name: "the estimate of space", script: rejects("StorageManager", "estimate", "persisted", "persist") },
  { name: "locks", script: rejects("LockManager", "request", "query"), also: WORKERS },
  { name: "BroadcastChannel", script: `window.BroadcastChannel = class { constructor() { throw ${refused}; } }` },
  {
    name: "the service worker",
    script: throws("Object.getPrototypeOf(navigator)", "serviceWorker"),
    said: "it does not work offline.",
  },
  {
    name: "its registration",
    script: rejects("ServiceWorkerContainer", "register"),
    said: "it does not work offline.",
  },
  {
    name: "caches",
    script: rejects("CacheStorage", "open", "keys", "match", "has", "delete"),
    also: SERVICE_WORKER,
    said: "it does not work offline.",
  },
];

for (const { name, script, said, also } of cases) {
  test(`${name} refused`, async ({ darkroom, page, startServer }) => {
    const server = await startServer();
    if (also) await runBefore(server, script, also);
    await page.addInitScript(script);
    await darkroom.open(`${server.url}?device=cpu`);
    await darkroom.chooseSmallestSize();
    await darkroom.make(wish);
    // The turn of the next run is asked for, too.
    await darkroom.make({ ...wish, prompt: "a blue apple" });
    const sentence = page.getByText(/^The browser blocks storage for this page: /);
    if (said) {
      await expect(sentence).toHaveText(new RegExp(`: ${said.replace(".", "\\.")}$`));
      await expect(page.getByText("Works offline")).toHaveCount(/models|offline/.test(said) ? 0 : 1);
    } else await expect(sentence).toHaveCount(0);
  });
}

test("all site data blocked in the browser's settings", async ({ launchOptions, startServer }, testInfo) => {
  const server = await startServer();
  const profile = testInfo.outputPath("profile");
  await mkdir(join(profile, "Default"), { recursive: true });
  const preferences = { profile: { default_content_setting_values: { cookies: 2 } } };
  await writeFile(join(profile, "Default/Preferences"), JSON.stringify(preferences));
  const context = await chromium.launchPersistentContext(profile, launchOptions);
  try {
    const errors: string[] = [];
    context.on("weberror", (error) => errors.push(String(error.error())));
    const darkroom = new DarkroomPage(await context.newPage());
    await darkroom.open(`${server.url}?device=cpu`);
    expect(
      await darkroom.page.evaluate(() => "localStorage" in window && Boolean(localStorage)).catch(() => false),
    ).toBe(false);
    await darkroom.chooseSmallestSize();
    await darkroom.make(wish);
    await darkroom.make({ ...wish, prompt: "a blue apple" });
    await expect(
      darkroom.page.getByText(
        /^The browser blocks storage .*: settings, pictures and models last.*not work offline\.$/,
      ),
    ).toBeVisible();
    expect(errors).toEqual([]);
  } finally {
    await context.close();
  }
});

test("a frame that is sandboxed without an origin of its own", async ({ page, startServer }) => {
  const server = await startServer("shared");
  await replaceFile(
    join(server.root, "frame.html"),
    '<!doctype html><title>Host</title><iframe sandbox="allow-scripts" src="./?device=cpu" width="1200" height="800"></iframe>',
  );
  await page.goto(`${server.url}frame.html`);
  const frame = page.frameLocator("iframe");
  const patient = expect.configure({ timeout: 600_000 });
  await patient(frame.getByText("CPU, 1 thread")).toBeVisible();
  await frame.getByRole("textbox", { name: "Prompt", exact: true }).fill(wish.prompt);
  await frame.getByRole("spinbutton", { name: "Steps", exact: true }).fill("1");
  await frame.getByRole("button", { name: "Generate", exact: true }).click();
  await patient(frame.getByRole("img", { name: wish.prompt, exact: true })).toBeVisible();
  await expect(
    frame.getByText(/^The browser blocks storage .*: settings, pictures and models last.*not work offline\.$/),
  ).toBeVisible();
});

test("a browser whose pages cannot write files, as Safari before 26, keeps pictures all the same", async ({
  darkroom,
  page,
}) => {
  await page.addInitScript("delete FileSystemFileHandle.prototype.createWritable");
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const gallery = new GalleryPage(page);
  await gallery.kept(1);
  await darkroom.reload();
  await gallery.kept(1);
  await gallery.open();
  await gallery.tile(wish.prompt, wish.seed).click();
  await expect(gallery.dialog.getByRole("img", { name: wish.prompt })).toBeVisible();
  await expect(page.getByText(/blocks storage/)).toHaveCount(0);
});
