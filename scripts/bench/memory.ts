/**
 * What a model of gigabytes takes while the page loads it: the most memory that the page's process ever held (VmHWM of the system), from a
 * folder that is used in place, and from one that is first copied into the origin private file system. Linux alone tells the peak of a process.
 */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { type BrowserContext, type CDPSession, chromium, expect } from "@playwright/test";
import { listFiles } from "../../cli/list-files.ts";
import { browserArgs, findBrowser } from "../../e2e/browser.ts";
import { DarkroomPage } from "../../e2e/pages/darkroom.page.ts";
import { ModelsPage } from "../../e2e/pages/models.page.ts";
import type { Row, Section } from "./report.ts";
import type { Stand } from "./stand.ts";

/** Reading, hashing and writing gigabytes takes minutes on a slow disk. */
const PATIENCE = 1_800_000;

/** @param folder of a model in the diffusers layout */
export async function memory(stand: Stand, folder: string): Promise<Section[]> {
  if (!existsSync("/proc/self/status")) throw new Error("The peak of a process is read from /proc; run this on Linux.");
  const bytes = await graphBytes(folder);
  const title = `memory: ${basename(folder)}`;
  return [
    { title: `${title}, used in place`, rows: await load(stand, folder, bytes, false) },
    { title: `${title}, copied into the browser`, rows: await load(stand, folder, bytes, true) },
  ];
}

async function load(stand: Stand, folder: string, bytes: number, copy: boolean): Promise<Row[]> {
  return resident(async (context, session) => {
    const page = await context.newPage();
    const darkroom = new DarkroomPage(page);
    const models = new ModelsPage(page);
    // The directory picker is the browser's own window, which no script can press; without it the app takes a file input.
    await page.addInitScript(() => Object.assign(window, { showDirectoryPicker: undefined }));
    await darkroom.open(stand.address);
    const before = await peakBytes(session);
    await models.open();
    if (copy) await models.dialog.getByRole("checkbox", { name: "Copy it into the browser" }).check();
    await models.dialog.getByLabel("Model folder").setInputFiles(folder);
    const rows: Row[] = [];
    if (copy) {
      await expect(models.status).toHaveText(`${basename(folder)} is copied.`, { timeout: PATIENCE });
      rows.push({ what: "peak while it was copied", value: await peakBytes(session), unit: "bytes" });
      await page.keyboard.press("Escape");
    }
    const name = copy ? basename(folder) : `${basename(folder)} (folder)`;
    await expect(darkroom.model.locator("option:checked")).toHaveText(name, { timeout: PATIENCE });
    await expect(darkroom.backend).toBeVisible({ timeout: PATIENCE });
    const peak = await peakBytes(session);
    return [
      { what: "what is loaded: graphs and weights", value: bytes, unit: "bytes" },
      { what: "peak of the page's process with the built-in model", value: before, unit: "bytes" },
      ...rows,
      { what: "peak after the model was loaded", value: peak, unit: "bytes" },
      { what: "peak / size", value: peak / bytes, atMost: 1.3 },
    ];
  });
}

/** In a browser with a profile on the disk: a private window would keep the file system in memory. */
async function resident<T>(job: (context: BrowserContext, session: CDPSession) => Promise<T>): Promise<T> {
  const profile = await mkdtemp(join(tmpdir(), "darkroom-bench-"));
  const context = await chromium.launchPersistentContext(profile, { executablePath: findBrowser(), args: browserArgs });
  context.setDefaultTimeout(PATIENCE);
  try {
    const session = await context.browser()?.newBrowserCDPSession();
    if (!session) throw new Error("The browser tells nothing of its processes.");
    return await job(context, session);
  } finally {
    await context.close();
    await rm(profile, { recursive: true, force: true });
  }
}

/** The largest of the browser's page processes, since it was started. */
async function peakBytes(session: CDPSession): Promise<number> {
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  const peaks = processInfo
    .filter(({ type }) => type === "renderer")
    .map(async ({ id }) => {
      const status = await readFile(`/proc/${id}/status`, "utf8");
      return Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) * 1024;
    });
  return Math.max(...(await Promise.all(peaks)));
}

/** Bytes of the graphs and their weights, without the VAE's encoder, which waits for a picture to start from. */
async function graphBytes(folder: string): Promise<number> {
  const files = (await listFiles(folder)).filter((path) => /\.onnx(_data|\.data)?$/.test(path));
  const loaded = files.filter((path) => !path.includes("vae_encoder"));
  const sizes = await Promise.all(loaded.map(async (path) => (await stat(path)).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}
