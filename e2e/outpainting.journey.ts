import { expect, test } from "./fixtures.ts";
import { MaskPage } from "./pages/mask.page.ts";
import { StartImagePage } from "./pages/start-image.page.ts";

test("a picture is extended to the right: what was there stays pixel for pixel; and zoomed out", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const [start, mask] = [new StartImagePage(page), new MaskPage(page)];
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const wish = { prompt: "a red apple", steps: 2, seed: 7, guidanceScale: 1 };
  const before = await darkroom.make(wish);
  await start.use.click();
  await mask.extend.click();
  await mask.extendDialog.getByRole("radio", { name: "Right" }).check();
  await mask.extendDialog.getByRole("button", { name: "Extend" }).click();
  await expect(darkroom.width).toHaveValue("192");
  const wide = await darkroom.make(wish);
  expect(wide.length).toBe(192 * 128 * 4);
  // The mask begins at 128, and its feather goes 8 pixels inwards.
  for (let y = 0; y < 128; y++) {
    const row = wide.subarray(y * 192 * 4, (y * 192 + 118) * 4);
    expect(row.equals(before.subarray(y * 128 * 4, (y * 128 + 118) * 4))).toBe(true);
  }
  const right = wide.subarray(160 * 4, 192 * 4);
  expect(new Set(right).size).toBeGreaterThan(2);

  await mask.extend.click();
  await mask.extendDialog.getByRole("radio", { name: "Zoom out" }).check();
  await expect(mask.extendDialog).toContainText("The next picture has 192 × 128 pixels");
  await mask.extendDialog.getByRole("button", { name: "Extend" }).click();
  await expect(darkroom.width).toHaveValue("192");
  await expect(start.settings).toContainText("Only the masked area is regenerated");
});
