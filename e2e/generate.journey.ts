import { expect, test } from "./fixtures.ts";
import { contrast } from "./pixels.ts";

const prompt = "a red apple";
/** of the built-in model's weights as they are stored: no backend takes less */
const MODEL_MEGABYTES = 45;

test("the first run works without any setting, on the CPU where the GPU is a software one", async ({ darkroom }) => {
  await darkroom.open();
  await expect(darkroom.backend).toHaveText(/^CPU, \d+ threads?$/);
  await darkroom.prompt.fill(prompt);
  const steps = Number(await darkroom.steps.inputValue());
  const counts = await darkroom.watchStrip();
  const pixels = await darkroom.finish(prompt, () => darkroom.prompt.press("Control+Enter"));
  expect(contrast(pixels)).toBeGreaterThan(4);
  expect(await darkroom.peakMemory()).toBeGreaterThan(MODEL_MEGABYTES);
  await expect(darkroom.strip.getByRole("option")).toHaveCount(steps);
  expect(await counts()).toEqual(Array.from({ length: steps }, (_, i) => i + 1));
  const previews = await darkroom.previews();
  expect(new Set(previews).size).toBe(steps);
});

test("the run tells where it stands, and cancelling at step 2 keeps the steps; the next run starts clean", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  const wish = { prompt, steps: 3, seed: 5 };
  const before = await darkroom.make(wish);
  const long = 20;
  await darkroom.fill({ ...wish, steps: long });
  const cancelled = darkroom.cancelAtStep(2, long);
  await darkroom.generate.click();
  await expect(darkroom.denoising).toBeVisible();
  await cancelled;
  await expect(darkroom.denoising).toBeHidden();
  const kept = await darkroom.strip.getByRole("option").count();
  await expect(darkroom.page.getByText(`Cancelled after step ${kept} of ${long}`)).toBeVisible();
  // Within one step: the one that was under way when Cancel was pressed.
  expect([2, 3]).toContain(kept);
  const after = await darkroom.make(wish);
  await expect(darkroom.strip.getByRole("option")).toHaveCount(3);
  expect(after.equals(before)).toBe(true);
});

test("the keyboard goes through the steps, and any step can be decoded", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const total = 4;
  const final = await darkroom.make({ prompt, steps: total, seed: 7 });
  await darkroom.strip.focus();
  await expect(darkroom.step(4, total)).toHaveAttribute("aria-selected", "true");
  await darkroom.page.keyboard.press("ArrowLeft");
  await expect(darkroom.step(3, total)).toHaveAttribute("aria-selected", "true");
  await darkroom.page.keyboard.press("Home");
  await expect(darkroom.step(1, total)).toHaveAttribute("aria-selected", "true");
  await expect(darkroom.picture(prompt)).toBeHidden();
  await darkroom.page.getByRole("button", { name: "Decode this step" }).click();
  const decoded = darkroom.page.getByRole("img", { name: /step 1 of 4, decoded/ });
  await expect(decoded).toBeVisible();
  const early = await darkroom.pixels(decoded);
  expect(early.length).toBe(final.length);
  expect(early.equals(final)).toBe(false);
  await darkroom.strip.focus();
  await darkroom.page.keyboard.press("End");
  expect((await darkroom.pixels(darkroom.picture(prompt))).equals(final)).toBe(true);
});

test("the same seed gives the same pixels, in this visit and the next; another seed gives others", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  const wish = { prompt, steps: 3, seed: 42 };
  const first = await darkroom.make(wish);
  expect((await darkroom.make(wish)).equals(first)).toBe(true);
  expect((await darkroom.make({ ...wish, seed: 43 })).equals(first)).toBe(false);
  await darkroom.reload();
  expect((await darkroom.make(wish)).equals(first)).toBe(true);
});

test("a second Generate waits for its turn", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.fill({ prompt, steps: 12, seed: 1 });
  await darkroom.generate.click();
  await expect(darkroom.denoising).toBeVisible();
  await darkroom.fill({ prompt: "a blue car", steps: 3, seed: 2 });
  await darkroom.generate.click();
  await expect(darkroom.page.getByText("1 queued")).toBeVisible();
  await expect(darkroom.picture("a blue car")).toBeVisible();
  await expect(darkroom.results).toHaveCount(2);
  await darkroom.results.getByRole("button", { name: /^Show 1, finished/ }).click();
  await expect(darkroom.picture(prompt)).toBeVisible();
  await expect(darkroom.strip.getByRole("option")).toHaveCount(12);
});
