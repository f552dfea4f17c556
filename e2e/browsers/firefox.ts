/** An installed Firefox, driven over WebDriver BiDi. */
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import puppeteer from "puppeteer-core";
import type { Browser } from "./driven-page.ts";

const LAVAPIPE = "/usr/share/vulkan/icd.d/lvp_icd.x86_64.json";

/** undefined where neither FIREFOX_PATH nor the search path has one */
export function findFirefox(): string | undefined {
  const folders = (process.env.PATH ?? "").split(delimiter);
  const installed = ["firefox-esr", "firefox"].flatMap((name) => folders.map((folder) => join(folder, name)));
  return [process.env.FIREFOX_PATH ?? "", ...installed].find((path) => path !== "" && existsSync(path));
}

/** Mesa's Vulkan driver that needs no GPU, for Firefox's WebGPU. */
export const hasLavapipe = (): boolean => existsSync(LAVAPIPE);

export async function launchFirefox(executablePath: string, webgpu = false): Promise<Browser> {
  const preferences = {
    "dom.webgpu.enabled": true,
    "dom.webgpu.workers.enabled": true,
    "gfx.webgpu.ignore-blocklist": true,
  };
  const firefox = await puppeteer.launch({
    browser: "firefox",
    executablePath,
    headless: true,
    defaultViewport: { width: 1440, height: 900 }, // wide enough for the settings to be in view
    ...(webgpu && { env: { ...process.env, VK_ICD_FILENAMES: LAVAPIPE }, extraPrefsFirefox: preferences }),
  });
  const page = await firefox.newPage();
  return {
    open: async (url) => void (await page.goto(url)),
    run: <T>(body: string) => page.evaluate(`(async () => { ${body} })()`) as Promise<T>,
    close: () => firefox.close(),
  };
}
