import { expect, test } from "./fixtures.ts";
import { GalleryPage } from "./pages/gallery.page.ts";
import { MaskPage } from "./pages/mask.page.ts";
import { QueuePage } from "./pages/queue.page.ts";
import { StartImagePage } from "./pages/start-image.page.ts";

const wish = { prompt: "a red apple", steps: 2, seed: 1 };

test("Escape ends a batch, and nothing begins by itself; what was taken out is put back; Skip goes on with the next", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await page.getByRole("spinbutton", { name: "Number of pictures" }).fill("3");
  await darkroom.fill({ prompt: wish.prompt, steps: 300 });
  await darkroom.generate.click();
  await expect(darkroom.step(1, 300)).toBeAttached();
  await expect(page.getByRole("button", { name: "Cancel all" })).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(darkroom.denoising).toBeHidden();
  await expect(page.getByText("Cancelled, and 2 queued runs were removed.")).toBeVisible();
  await expect(page.getByRole("button", { name: "Queue", exact: true })).toBeVisible();

  await page.getByRole("button", { name: "Put back" }).click();
  await expect(page.getByRole("button", { name: "Queue (2)" })).toBeVisible();
  await page.getByRole("button", { name: "Skip" }).click();
  await expect(page.getByRole("button", { name: "Queue (1)" })).toBeVisible();
  await expect(darkroom.denoising).toBeVisible();
  await darkroom.cancel.click();
  await expect(darkroom.denoising).toBeHidden();
});

test("Generate again with a kept seed and nothing changed says that the picture would be the same", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await darkroom.generate.click();
  await expect(page.getByText("These settings and this seed are those of picture 1")).toBeVisible();
  await expect(darkroom.results).toHaveCount(0); // one run has no row
  await page.getByRole("button", { name: "New seed" }).click();
  await expect(darkroom.results).toHaveCount(2);
  expect(await darkroom.seed.inputValue()).not.toBe("1");
});

test("after a reload the stage shows the picture that was made last, and its settings can be used", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const made = await darkroom.make(wish);
  await new GalleryPage(page).kept(1);
  await page.reload();
  await darkroom.ready();
  expect((await darkroom.pixels(darkroom.picture(`Last picture: ${wish.prompt}`))).equals(made)).toBe(true);
  await darkroom.fill({ prompt: "something else", steps: 9 });
  await page.getByRole("button", { name: "Use these settings" }).click();
  await expect(darkroom.prompt).toHaveValue(wish.prompt);
  await expect(darkroom.steps).toHaveValue("2");
});

test("Escape and the X ask before they drop what was painted", async ({ darkroom }) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const [start, mask] = [new StartImagePage(page), new MaskPage(page)];
  await start.choose("halves.png", "image/png", await start.halves(128, 128, "image/png"));
  await mask.open.click();
  await page.keyboard.press("Escape"); // nothing was painted
  await expect(mask.dialog).toBeHidden();

  await mask.open.click();
  await mask.draw([0.3, 0.3], [0.6, 0.6]);
  for (const close of [
    () => page.keyboard.press("Escape"),
    () => page.keyboard.press("Escape"),
    () => mask.dialog.getByRole("button", { name: "Close" }).click(),
  ]) {
    await close();
    await expect(mask.question).toBeVisible();
  }
  await mask.dialog.getByRole("button", { name: "Keep painting" }).click();
  expect(await mask.painted()).toBeGreaterThan(0);
  await page.keyboard.press("Escape");
  await mask.discard.click();
  await expect(mask.dialog).toBeHidden();
  await expect(mask.open).toHaveText("Paint mask");
  await mask.open.click();
  expect(await mask.painted()).toBe(0);
  await mask.draw([0.3, 0.3], [0.6, 0.6]);
  await page.keyboard.press("Escape");
  await mask.question.getByRole("button", { name: "Use mask" }).click();
  await expect(mask.open).toHaveText("Edit mask");
});

test("while the model loads, the queue says what waits for it", async ({ darkroom, page }) => {
  let load = () => {};
  const held = new Promise<void>((resolve) => {
    load = resolve;
  });
  await page.route("**/unet/model.onnx*", async (route) => {
    await held;
    await route.continue();
  });
  await page.goto("./?device=cpu");
  await darkroom.prompt.fill(wish.prompt);
  await darkroom.generate.click();
  await darkroom.generate.click();
  const queue = new QueuePage(page);
  await expect(queue.open).toHaveText("Queue (2)");
  await queue.open.click();
  await expect(queue.dialog.getByText("2 pictures are waiting for the model.")).toBeVisible();
  await queue.cancelAll.click();
  await expect(queue.dialog.getByText("The queue is empty.")).toBeVisible();
  load();
});

test("a size far beyond the model's says what it takes, from what the last picture took, in this visit and the next", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const large = async () => {
    for (const side of [darkroom.width, darkroom.height]) await side.fill("1024");
  };
  await darkroom.open("?device=cpu");
  await large();
  await expect(page.getByText(/^1024 × 1024: Safelight 1 draws 256 × 256; a much larger canvas/)).toBeVisible();
  await darkroom.chooseSmallestSize();
  await expect(page.getByText(/a much larger canvas/)).toBeHidden();
  await darkroom.make(wish);
  await darkroom.reload();
  await large();
  await expect(
    page.getByText(/^1024 × 1024: (about|under) .+ a picture and about [\d.]+ [MG]B of memory\. Safelight/),
  ).toBeVisible();
});

test("an empty prompt is drawn, and says what is missing; of 1000 steps the strip shows some and reaches all", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.fill({ prompt: "", steps: 1000 });
  await darkroom.generate.click();
  await expect(page.getByText("The prompt is empty, so the picture is random.")).toBeVisible();
  await expect(darkroom.strip.getByRole("option").nth(1)).toBeVisible({ timeout: 200_000 });
  const box = await darkroom.strip.getByRole("option").first().boundingBox();
  expect(box?.width).toBeGreaterThanOrEqual(12);
  await page.keyboard.press("Escape");
  await expect(darkroom.denoising).toBeHidden();
  await darkroom.strip.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await expect(darkroom.step(3, 1000)).toHaveAttribute("aria-selected", "true");
});
