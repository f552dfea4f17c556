import { findWebGpuBrowser } from "./browser.ts";
import { expect, test } from "./fixtures.ts";
import { contrast, meanDifference } from "./pixels.ts";

test.use({
  launchOptions: async ({ launchOptions }, use) => use({ ...launchOptions, executablePath: findWebGpuBrowser() }),
});
// The software adapter takes seconds a step, and more to compile a shader: few steps, small pictures, and all in one visit.
test.describe.configure({ timeout: 900_000 });
const wish = { prompt: "a red apple", steps: 2, seed: 11 };

test("WebGPU: a preview a step, the same pixels twice, Cancel within one step, and the CPU makes the same picture", async ({
  darkroom,
}) => {
  await darkroom.open("?device=webgpu");
  await expect(darkroom.backend).toHaveText(/^WebGPU, .+/);
  await darkroom.chooseSmallestSize();
  const counts = await darkroom.watchStrip();
  const first = await darkroom.make(wish);
  expect(contrast(first)).toBeGreaterThan(4);
  // more than the weights as they are stored: the GPU's buffers count
  expect(await darkroom.peakMemory()).toBeGreaterThan(45);
  expect(await counts()).toEqual([1, 2]);
  for (const number of [1, 2]) await expect(darkroom.step(number, 2)).toBeVisible();
  expect(new Set(await darkroom.previews()).size).toBe(2);

  expect((await darkroom.make(wish)).equals(first)).toBe(true);

  const long = 20;
  await darkroom.fill({ ...wish, steps: long });
  const cancelled = darkroom.cancelAtStep(2, long);
  await darkroom.generate.click();
  await cancelled;
  await expect(darkroom.page.getByText(/^Cancelled after step [23] of 20$/)).toBeVisible();

  await darkroom.open("?device=cpu");
  await expect(darkroom.backend).toHaveText(/^CPU, /);
  await darkroom.chooseSmallestSize();
  const onCpu = await darkroom.make(wish);
  expect(contrast(onCpu)).toBeGreaterThan(4);
  expect(meanDifference(first, onCpu)).toBeLessThanOrEqual(2);
});
