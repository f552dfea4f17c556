import { expect, test } from "./fixtures.ts";

test("variations of a picture come as a grid, and from there one more, or the same picture larger", async ({
  darkroom,
  page,
}) => {
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  const original = await darkroom.make({ prompt: "a red apple", steps: 3, seed: 5 });
  const more = page.getByRole("button", { name: "Vary or upscale" });
  await more.click();
  await page.getByRole("button", { name: "Vary picture 1 a little" }).click();
  await expect(darkroom.results).toHaveCount(5);
  await expect(page.getByRole("button", { name: /^Show 5, finished/ })).toBeVisible();

  await page.getByRole("button", { name: "All 4" }).click();
  const grid = page.getByRole("dialog", { name: "4 pictures asked for together" });
  const looks = grid.locator(".batch-pick img");
  await expect(looks).toHaveCount(4);
  const seen = new Set<string>([original.toString("base64")]);
  for (let i = 0; i < 4; i++) seen.add((await darkroom.pixels(looks.nth(i))).toString("base64"));
  expect(seen.size).toBe(5);

  await grid.getByRole("button", { name: "Again, picture 3" }).click();
  await expect(grid).toBeHidden();
  await expect(page.getByRole("button", { name: /^Show 6, finished/ })).toBeVisible();

  const size = await page.evaluate(() => document.querySelector<HTMLImageElement>(".stage img")?.naturalWidth);
  await more.click();
  await page.getByRole("button", { name: "Upscale picture 6" }).click();
  await expect(page.getByRole("button", { name: /^Show 7, finished/ })).toBeVisible();
  await expect
    .poll(() => page.evaluate(() => document.querySelector<HTMLImageElement>(".stage img")?.naturalWidth))
    .toBe((size ?? 0) * 2);
  await more.click();
  await expect(page.getByRole("button", { name: "Upscale picture 7" })).toBeDisabled();
  await page.getByRole("button", { name: "Close" }).click();

  // What has no field of its own comes back with the settings, and can be put away.
  await page.getByRole("button", { name: "Use these settings" }).click();
  await page
    .getByRole("button", { name: /^Remove: Second pass: 2×, 1 steps?, strength 0.05, enlarged pixels/ })
    .click();
  await expect(page.getByText(/^Second pass: 2×/)).toBeHidden();
});
