/** Each browser draws the picture that the engine draws in the terminal. */
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "@playwright/test";
import { decode } from "fast-png";
import { meanDifference } from "../pixels.ts";
import { type OwnServer, startOwnServer } from "../servers.ts";
import { type Browser, DrivenPage, type Wish } from "./driven-page.ts";
import { findFirefox, hasLavapipe, launchFirefox } from "./firefox.ts";
import { findWebKit, launchWebKit } from "./webkit.ts";

const wish: Wish = { prompt: "a red apple", steps: 3, seed: 7 };
const root = fileURLToPath(new URL("../../", import.meta.url));
let server: OwnServer;
let browser: Browser | undefined;
let reference: Uint8Array;

test.beforeAll(async ({ browserName: _ }, testInfo) => {
  const path = testInfo.outputPath("reference.png");
  const { prompt, steps, seed } = wish;
  const args = ["--prompt", prompt, "--steps", String(steps), "--seed", String(seed), "--output", path];
  const made = spawnSync(process.execPath, [join(root, "node_modules/tsx/dist/cli.mjs"), "cli/generate.ts", ...args], {
    cwd: root,
    encoding: "utf8",
  });
  if (made.status !== 0) throw new Error(made.stderr);
  const { data, channels } = decode(readFileSync(path));
  reference = Uint8Array.from({ length: (data.length / channels) * 4 }, (_, i) =>
    i % 4 === 3 ? 255 : data[Math.floor(i / 4) * channels + (i % 4)],
  );
});
test.beforeEach(async ({ browserName: _ }, testInfo) => {
  server = await startOwnServer(testInfo.outputPath("server"), "secure");
});
test.afterEach(async () => {
  await browser?.close();
  browser = undefined;
  await server.stop();
});

const difference = (rgba: Uint8Array) => meanDifference(Buffer.from(rgba), Buffer.from(reference));

const firefox = findFirefox();
const NO_FIREFOX = "Firefox is not installed (on Debian: apt-get install firefox-esr).";

test("Firefox draws on the CPU with threads, keeps the picture, and works offline", async () => {
  test.skip(!firefox, NO_FIREFOX);
  browser = await launchFirefox(firefox as string);
  const page = new DrivenPage(browser);
  await page.open(`${server.url}?device=cpu`);
  await page.sees(/^CPU, ([2-9]|\d\d) threads$/m);
  const { rgba } = await page.make(wish);
  expect(difference(rgba)).toBeLessThan(1);
  await page.sees(/^Gallery \(1\)$/m);
  await page.sees(/^Works offline$/m);
  await server.stop();
  await page.open(`${server.url}?device=cpu`);
  await page.sees(/^Gallery \(1\)$/m);
  expect(difference((await page.make(wish)).rgba)).toBeLessThan(1);
});

test("Firefox draws on WebGPU", async () => {
  test.skip(!firefox, NO_FIREFOX);
  test.skip(!hasLavapipe(), "There is no Vulkan driver for software (on Debian: apt-get install mesa-vulkan-drivers).");
  browser = await launchFirefox(firefox as string, true);
  const page = new DrivenPage(browser);
  await page.open(`${server.url}?device=webgpu`);
  await page.sees(/^WebGPU, .+$/m);
  expect(difference((await page.make(wish)).rgba)).toBeLessThan(2);
});

const webkit = findWebKit();

test("WebKit draws on the CPU, and says what it does not keep", async () => {
  test.skip(!webkit, "WebKitGTK is not installed (on Debian: apt-get install webkit2gtk-driver xvfb).");
  browser = await launchWebKit(webkit as NonNullable<typeof webkit>);
  const page = new DrivenPage(browser);
  await page.open(`${server.url}?device=cpu`);
  await page.sees(/^CPU, 1 thread$/m);
  await page.sees(/This browser has no SharedArrayBuffer\. Only one thread can be used\./);
  // Automated, it has no private file system.
  await page.sees(/The browser blocks storage for this page: pictures and models last until it is closed\./);
  expect(difference((await page.make(wish)).rgba)).toBeLessThan(1);
});
