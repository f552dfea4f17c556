import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { chromium, type Page } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { StartImagePage } from "./pages/start-image.page.ts";
import { replaceFile } from "./servers.ts";

const wish = { prompt: "a red apple", steps: 2, seed: 9 };

const runtimes = (requests: string[]) => new Set(requests.filter((path) => path.endsWith(".wasm")));
const weights = (requests: string[]) => requests.filter((path) => path.endsWith(".onnx"));

test("after one visit everything works with the server stopped, and nothing large is fetched twice", async ({
  darkroom,
  startServer,
}) => {
  const server = await startServer();
  await darkroom.open(`${server.url}?device=cpu`);
  const online = await darkroom.make(wish);
  const fetched = weights(server.requests).length;
  expect(fetched).toBeGreaterThan(0);
  // What a picture from a picture needs is fetched behind, and the twin.
  for (const id of ["safelight", "safelight-4-steps"]) {
    const own = await ownFiles(server.root, id);
    await expect.poll(() => keptFiles(darkroom.page, id).catch(() => 0)).toBe(own);
  }
  // One flavour of the runtime, and no other.
  expect(runtimes(server.requests).size).toBe(1);

  server.requests.length = 0;
  await darkroom.reload();
  expect(weights(server.requests)).toEqual([]);
  expect(runtimes(server.requests).size).toBe(0);

  await server.stop();
  await darkroom.reload();
  const offline = await darkroom.make(wish);
  expect(offline.equals(online)).toBe(true);
  await darkroom.model.selectOption("Safelight 1, 4 steps");
  await darkroom.ready();
  const { prompt, seed } = wish;
  expect((await darkroom.make({ prompt, seed })).equals(online)).toBe(false);
  await expect(darkroom.strip.getByRole("option")).toHaveCount(4);
  const start = new StartImagePage(darkroom.page);
  await start.choose("halves.png", "image/png", await start.halves(256, 256, "image/png"));
  await darkroom.make(wish);
  const found = await darkroom.page.evaluate(() =>
    fetch("index.html", { cache: "no-store" }).then(
      (r) => r.ok,
      () => false,
    ),
  );
  expect(found, "the server should be gone").toBe(false);
});

/** How many different files a model has that it does not share with another one. */
async function ownFiles(root: string, id: string): Promise<number> {
  const { files } = JSON.parse(await readFile(join(root, "models", id, "darkroom.json"), "utf8"));
  const records = Object.values<{ sha256: string; folder?: string }>(files);
  return new Set(records.filter(({ folder }) => !folder).map(({ sha256 }) => sha256)).size;
}

/** How many of a model's files are in the origin private file system. */
function keptFiles(page: Page, id: string): Promise<number> {
  return page.evaluate(async (folder) => {
    const models = await (await navigator.storage.getDirectory()).getDirectoryHandle("models");
    let whole = 0;
    for await (const file of (await models.getDirectoryHandle(folder)).values())
      if (file.kind === "file" && (await file.getFile()).size > 0) whole++;
    return whole;
  }, id);
}

test("a host without headers: the service worker isolates the page", async ({ darkroom, startServer }) => {
  const server = await startServer("none");
  await darkroom.open(`${server.url}?device=cpu`);
  expect(await darkroom.page.evaluate(() => crossOriginIsolated)).toBe(true);
  await expect(darkroom.backend).toHaveText(/^CPU, \d+ threads?$/);
  expect(weights(server.requests).length, "weights fetched once, after the reload").toBe(
    new Set(weights(server.requests)).size,
  );
  await darkroom.make(wish);
});

test("a new version is offered and taken; the runtime and the model are not fetched again", async ({
  darkroom,
  startServer,
}) => {
  const server = await startServer();
  await darkroom.open(`${server.url}?device=cpu`);
  const before = await darkroom.make(wish);
  await darkroom.prompt.fill("kept");

  // The next version: another page and another list of the shell, the same hashed files.
  const page = join(server.root, "index.html");
  await replaceFile(page, (await readFile(page, "utf8")).replace("<title>Darkroom", "<title>Darkroom 2"));
  const worker = join(server.root, "service-worker.js");
  await replaceFile(worker, (await readFile(worker, "utf8")).replace(/(shell:)[0-9a-f]{16}/, "$1next"));
  server.requests.length = 0;
  await darkroom.page.evaluate(() => navigator.serviceWorker.getRegistration().then((found) => found?.update()));

  const update = darkroom.page.getByRole("button", { name: "Update" });
  await expect(update).toBeVisible();
  await expect(darkroom.page).toHaveTitle("Darkroom");
  await update.click();
  await expect(darkroom.page).toHaveTitle("Darkroom 2");
  await darkroom.ready();
  const shells = () =>
    darkroom.page.evaluate(async () => (await caches.keys()).filter((name) => name.includes(":shell:")));
  expect(await shells()).toEqual(["darkroom:/:shell:next"]);
  expect((await darkroom.make(wish)).equals(before)).toBe(true);
  expect(runtimes(server.requests).size).toBe(0);
  expect(weights(server.requests)).toEqual([]);
  expect(server.requests.filter((path) => path.startsWith("/assets/"))).toEqual([]);
});

test("no SharedArrayBuffer: the page says so and works with one thread", async ({ browser, startServer }) => {
  const server = await startServer("none");
  const context = await browser.newContext({ serviceWorkers: "block" });
  const darkroom = new DarkroomPage(await context.newPage());
  await darkroom.open(`${server.url}?device=cpu`);
  await expect(darkroom.backend).toHaveText("CPU, 1 thread");
  await expect(darkroom.page.getByText(/SharedArrayBuffer/)).toBeVisible();
  await darkroom.make({ ...wish, steps: 1 });
  await context.close();
});

test("a browser without WebGPU says what happens instead, and one without JSPI fetches the other flavour alone", async ({
  startServer,
  launchOptions,
}) => {
  const server = await startServer();
  // Chromium's JSPI can no longer be switched off from outside: the engine's worker is made not to find it.
  const assets = join(server.root, "assets");
  const worker = (await readdir(assets)).find((name) => /^engine\.worker-.*\.js$/.test(name));
  if (!worker) throw new Error(`There is no engine.worker in ${assets}.`);
  const script = await readFile(join(assets, worker), "utf8");
  await replaceFile(join(assets, worker), `delete WebAssembly.Suspending;${script}`);
  const args = (launchOptions.args ?? []).filter((flag) => flag !== "--enable-unsafe-webgpu");
  const browser = await chromium.launch({ ...launchOptions, args });
  try {
    const darkroom = new DarkroomPage(await browser.newPage());
    await darkroom.open(server.url);
    await expect(darkroom.backend).toHaveText(/^CPU, \d+ threads?$/);
    await expect(darkroom.page.getByText(/Pictures are made on the CPU instead/)).toBeVisible();
    const [runtime, ...others] = runtimes(server.requests);
    expect(runtime).toContain("asyncify");
    expect(others).toEqual([]);
    await darkroom.make({ ...wish, steps: 1 });
  } finally {
    await browser.close();
  }
});

for (const headers of ["secure", "none"] as const) {
  test(`the browser itself refuses other origins and text as script (${headers === "none" ? "policy in the page" : "policy in the headers"})`, async ({
    darkroom,
    page,
    startServer,
    guard,
  }) => {
    const server = await startServer(headers);
    await darkroom.open(`${server.url}?device=cpu`);
    const broken = page.evaluate(async () => {
      const seen = new Set<string>();
      const both = new Promise<string[]>((done) => {
        document.addEventListener("securitypolicyviolation", ({ effectiveDirective }) => {
          if (seen.add(effectiveDirective).size === 2) done([...seen].sort());
        });
      });
      const script = document.createElement("script");
      script.textContent = "window.ranInline = true";
      document.body.append(script);
      await fetch("https://darkroom.invalid/").catch(() => {});
      return { directives: await both, ran: "ranInline" in window };
    });
    expect(await broken).toEqual({ directives: ["connect-src", "script-src-elem"], ran: false });
    // Broken on purpose, and seen by the guard of every journey.
    expect(guard.violations.length).toBeGreaterThan(0);
    guard.violations.length = 0;
    expect(guard.strangers).toEqual([]);
  });
}

test("the app can be installed", async ({ darkroom, context }) => {
  await darkroom.open("?device=cpu");
  const session = await context.newCDPSession(darkroom.page);
  const { errors, data } = await session.send("Page.getAppManifest");
  expect(errors).toEqual([]);
  expect(JSON.parse(data ?? "")).toMatchObject({ name: "Darkroom", display: "standalone" });
  const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
  // A test's browser context is a private window, where nothing can be installed.
  expect(installabilityErrors.map(({ errorId }) => errorId).filter((id) => id !== "in-incognito")).toEqual([]);
});
