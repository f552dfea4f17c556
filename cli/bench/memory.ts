/**
 * What a model of gigabytes takes while the page loads it: the most memory that the page's process ever held (VmHWM of the system), from a
 * folder that is used in place. Linux alone tells the peak of a process.
 */
import { existsSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { basename } from "node:path";
import { expect } from "@playwright/test";
import { DarkroomPage } from "../../e2e/pages/darkroom.page.ts";
import { ModelsPage } from "../../e2e/pages/models.page.ts";
import { listFiles } from "../../scripts/files.ts";
import type { Row, Section } from "./report.ts";
import { type Stand, visitor } from "./stand.ts";

/** Reading gigabytes takes minutes on a slow disk. */
const PATIENCE = 300_000;

/** @param folder of a model in the diffusers layout */
export async function memory(stand: Stand, folder: string): Promise<Section[]> {
  if (!existsSync("/proc/self/status")) throw new Error("The peak of a process is read from /proc; run this on Linux.");
  const bytes = await graphBytes(folder);
  const rows = await load(stand, folder, bytes);
  return [{ title: `memory: ${basename(folder)}, used in place`, rows }];
}

async function load(stand: Stand, folder: string, bytes: number): Promise<Row[]> {
  return visitor(stand, async (context) => {
    const page = await context.newPage();
    const darkroom = new DarkroomPage(page);
    const models = new ModelsPage(page);
    // The directory picker is the browser's own window, which no script can press; without it the app takes a file input.
    await page.addInitScript(() => Object.assign(window, { showDirectoryPicker: undefined }));
    await darkroom.open(stand.address);
    const before = await peakBytes(stand);
    await models.open();
    await models.dialog.getByLabel("Model folder").setInputFiles(folder);
    await expect(darkroom.model.locator("option:checked")).toHaveText(`${basename(folder)} (folder)`, {
      timeout: PATIENCE,
    });
    await expect(darkroom.backend).toBeVisible({ timeout: PATIENCE });
    const peak = await peakBytes(stand);
    return [
      { what: "what is loaded: graphs and weights", value: bytes, unit: "bytes" },
      { what: "peak of the page's process with the built-in model", value: before, unit: "bytes" },
      { what: "peak after the model was loaded", value: peak, unit: "bytes" },
      { what: "peak / size", value: peak / bytes, atMost: 1.3 },
    ];
  });
}

/** The largest of the browser's page processes, since it was started. */
async function peakBytes({ browser }: Stand): Promise<number> {
  const session = await browser.newBrowserCDPSession();
  const { processInfo } = await session.send("SystemInfo.getProcessInfo");
  await session.detach();
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
