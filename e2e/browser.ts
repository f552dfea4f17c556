import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";

/** For a browser that is driven by tests: no sandbox where Chromium refuses one (root), and no traffic of its own. */
export const browserArgs = [
  ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

const commands = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "google-chrome-beta"];

/** Where scripts/lavapipe/setup.sh is told to put its Chromium. */
export const lavapipeFolder = fileURLToPath(new URL("../node_modules/.cache/lavapipe/", import.meta.url));

/** For journeys on WebGPU: the Chromium whose software adapter is lavapipe where it was set up, the usual one with SwiftShader elsewhere. */
export function findWebGpuBrowser(): string {
  const lavapipe = join(lavapipeFolder, "chromium");
  return !process.env.CHROME_PATH && existsSync(lavapipe) ? lavapipe : findBrowser();
}

const places: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ["/Applications", join(process.env.HOME ?? "", "Applications")].flatMap((folder) => [
    `${folder}/Google Chrome.app/Contents/MacOS/Google Chrome`,
    `${folder}/Chromium.app/Contents/MacOS/Chromium`,
  ]),
  win32: ["PROGRAMFILES", "PROGRAMFILES(X86)", "LOCALAPPDATA"].flatMap((name) => {
    const folder = process.env[name];
    return folder
      ? [`${folder}\\Google\\Chrome\\Application\\chrome.exe`, `${folder}\\Chromium\\Application\\chrome.exe`]
      : [];
  }),
};

/**
 * The Chromium or Chrome that is installed: CHROME_PATH, then the search path and the usual places, then Playwright's own download.
 *
 * @throws Error when there is none, or when CHROME_PATH names a file that does not exist
 */
export function findBrowser(): string {
  const chosen = process.env.CHROME_PATH;
  if (chosen) {
    if (existsSync(chosen)) return chosen;
    throw new Error(`CHROME_PATH names ${chosen}, which does not exist. Correct it or unset it.`);
  }
  const inPath = (process.env.PATH ?? "")
    .split(delimiter)
    .flatMap((folder) => commands.map((name) => join(folder, name)));
  const found = [...inPath, ...(places[process.platform] ?? []), chromium.executablePath()].find((path) =>
    existsSync(path),
  );
  if (!found) throw new Error("There is no Chromium or Chrome here. Install one, or name it in CHROME_PATH.");
  return found;
}
