import { readFile } from "node:fs/promises";
import { expect, test } from "./fixtures.ts";
import { GalleryPage } from "./pages/gallery.page.ts";

test("pictures are kept over a reload, found by their words, opened, used again, deleted and brought back", async ({
  darkroom,
  page,
}) => {
  const gallery = new GalleryPage(page);
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  const cat = await darkroom.make({ prompt: "a red cat", steps: 2, seed: 5 });
  await darkroom.make({ prompt: "two dogs", steps: 3, seed: 6 });
  await gallery.kept(2);
  await darkroom.reload();
  await gallery.kept(2);

  await gallery.open();
  await expect(gallery.tiles).toHaveCount(2);
  await gallery.search.fill("CAT red");
  await expect(gallery.tiles).toHaveCount(1);
  await gallery.tile("a red cat", 5).click();
  const large = gallery.dialog.getByRole("img", { name: "a red cat" });
  expect((await darkroom.pixels(large)).equals(cat)).toBe(true);
  await gallery.button("Use these settings").click();
  await expect(darkroom.prompt).toHaveValue("a red cat");
  await expect(darkroom.steps).toHaveValue("2");
  await expect(darkroom.seed).toHaveValue("5");

  await gallery.open();
  await gallery.choose("two dogs", 6);
  await gallery.button("Delete 1").click();
  await expect(gallery.tiles).toHaveCount(1);
  await gallery.button("Undo").click();
  await expect(gallery.tiles).toHaveCount(2);
  await gallery.choose("a red cat", 5);
  await gallery.button("Delete 1").click();
  await gallery.close();
  await gallery.kept(1);
  await darkroom.reload();
  await gallery.kept(1);
});

test("two pictures are compared, and what differs is marked", async ({ darkroom, page }) => {
  const gallery = new GalleryPage(page);
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  await darkroom.make({ prompt: "a star", steps: 2, seed: 1 });
  await darkroom.make({ prompt: "a star", steps: 2, seed: 2 });
  await gallery.kept(2);
  await gallery.open();
  await gallery.choose("a star", 1);
  await expect(gallery.button("Compare")).toBeDisabled();
  await gallery.choose("a star", 2);
  await gallery.button("Compare").click();
  await expect(gallery.dialog.getByRole("img", { name: "a star" })).toHaveCount(2);
  await expect(gallery.dialog.locator(".differs dt", { hasText: "Seed" })).toHaveCount(2);
  await expect(gallery.dialog.locator(".differs dt", { hasText: "Steps" })).toHaveCount(0);
});

test("all pictures leave as one zip and come back from it", async ({ darkroom, page }) => {
  const gallery = new GalleryPage(page);
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  const made = await darkroom.make({ prompt: "a moon", steps: 2, seed: 3 });
  await gallery.kept(1);
  await gallery.open();
  const download = page.waitForEvent("download");
  await gallery.button("Export all").click();
  const path = await (await download).path();
  expect((await readFile(path)).subarray(0, 2).toString()).toBe("PK");

  await gallery.choose("a moon", 3);
  await gallery.button("Delete 1").click();
  await gallery.close();
  await gallery.kept(0);
  await gallery.open();
  await gallery.dialog.locator('input[type="file"]').setInputFiles(path);
  await expect(gallery.dialog.getByText("1 picture added.")).toBeVisible();
  await gallery.tile("a moon", 3).click();
  expect((await darkroom.pixels(gallery.dialog.getByRole("img", { name: "a moon" }))).equals(made)).toBe(true);
  await gallery.button("Back").click();
  await gallery.dialog.locator('input[type="file"]').setInputFiles(path);
  await expect(gallery.dialog.getByText("1 were here already", { exact: false })).toBeVisible();
  await gallery.dialog.locator('input[type="file"]').setInputFiles({
    name: "x.zip",
    mimeType: "application/zip",
    buffer: Buffer.from("no zip"),
  });
  await expect(gallery.dialog.getByText('Choose a zip that "Export all" made.', { exact: false })).toBeVisible();
});

test("a full disk stops the keeping, not the run, and says what to delete", async ({ darkroom, page, context }) => {
  const gallery = new GalleryPage(page);
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  const session = await context.newCDPSession(page);
  const origin = new URL(page.url()).origin;
  await session.send("Storage.overrideQuotaForOrigin", { origin, quotaSize: 1 });
  await darkroom.make({ prompt: "a sun", steps: 2, seed: 3 });
  await expect(page.getByRole("status").getByText(/not kept: there is no room left/)).toBeVisible();
  await gallery.open();
  await expect(gallery.dialog.getByText(/no room left.*Delete pictures/)).toBeVisible();
  await expect(gallery.tiles).toHaveCount(0);
  await gallery.close();
  await session.send("Storage.overrideQuotaForOrigin", { origin });
  await darkroom.make({ prompt: "a sun", steps: 2, seed: 4 });
  await gallery.kept(1);
});
