/** `npm start -- --host`: the page as another machine of the network opens it, over http, where browsers leave out half of what they have. */
import { type ChildProcess, spawn } from "node:child_process";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { chromium } from "@playwright/test";
import { expect, test } from "./fixtures.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const wish = { prompt: "a red apple", steps: 1, seed: 3 };
const started: ChildProcess[] = [];
test.afterEach(() => {
  for (const child of started.splice(0)) child.kill();
});

/** What the server printed once it listens. */
function serve(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, ["node_modules/tsx/dist/cli.mjs", "cli/serve.ts", ...args], { cwd: root });
  started.push(child);
  return new Promise((resolve, reject) => {
    let text = "";
    child.stdout.on("data", (chunk: Buffer) => {
      text += chunk;
      if (text.includes("Ctrl+C")) setTimeout(() => resolve(text), 500); // the other lines come at once
    });
    child.on("close", () => reject(new Error(`The server ended: ${text}`)));
  });
}

const [address] = Object.values(networkInterfaces())
  .flatMap((list) => list ?? [])
  .filter(({ family, internal }) => family === "IPv4" && !internal);

test("over http the page draws, and says once what https would add", async ({ launchOptions }) => {
  const said = await serve("--host", "--port", "4931");
  const port = /localhost:(\d+)/.exec(said)?.[1];
  if (address) expect(said).toContain(`On the network at http://${address.address}:${port}/`);
  expect(said).toMatch(/--cert and --key serve https/);
  const browser = await chromium.launch({
    ...launchOptions,
    args: [...(launchOptions.args ?? []), "--host-resolver-rules=MAP darkroom.test 127.0.0.1"],
  });
  try {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on("pageerror", (error) => errors.push(String(error)));
    const darkroom = new DarkroomPage(page);
    await darkroom.open(`http://${address?.address ?? "darkroom.test"}:${port}/`);
    expect(await page.evaluate(() => [isSecureContext, "subtle" in crypto, "storage" in navigator])).toEqual([
      false,
      false,
      false,
    ]);
    await expect(darkroom.backend).toHaveText("CPU, 1 thread");
    await darkroom.chooseSmallestSize();
    await darkroom.make(wish);
    await darkroom.make({ ...wish, prompt: "a blue apple" });
    await expect(page.getByText(/https/)).toHaveCount(1);
    await expect(page.getByText(/^This page was opened over http; over https it would use the GPU/)).toBeVisible();
    await page.getByRole("button", { name: "Copy link" }).click();
    await expect(page.getByText("Link copied")).toBeAttached();
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
});

test("without --host other machines are not served", async () => {
  test.skip(!address, "This machine has no address on a network.");
  const port = /localhost:(\d+)/.exec(await serve("--port", "4941"))?.[1];
  expect((await fetch(`http://localhost:${port}/`)).status).toBe(200);
  await expect(fetch(`http://${address.address}:${port}/`)).rejects.toThrow();
});
