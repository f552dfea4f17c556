import { expect, test } from "./fixtures.ts";
import { ComparePage } from "./pages/compare.page.ts";

test("two pictures are compared side by side and with a slider, and their settings are told apart", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const compare = new ComparePage(darkroom.page);
  const apple = await darkroom.make({ prompt: "a red apple", steps: 2, seed: 7 });
  await expect(compare.open).toBeHidden();
  const car = await darkroom.make({ prompt: "a blue car", steps: 2, seed: 7 });
  await compare.open.click();
  expect((await darkroom.pixels(compare.picture("Picture 1: a red apple"))).equals(apple)).toBe(true);
  expect((await darkroom.pixels(compare.picture("Picture 2: a blue car"))).equals(car)).toBe(true);
  const rows = compare.dialog.getByRole("row");
  await expect(rows).toHaveCount(2);
  await expect(rows.last()).toHaveText(/Prompt.*a red apple.*a blue car/);

  await compare.mode("Slider").check();
  await compare.boundary.focus();
  const second = compare.picture("Picture 2: a blue car");
  const width = () => second.evaluate((image) => getComputedStyle(image).clipPath);
  const before = await width();
  await darkroom.page.keyboard.press("ArrowRight");
  await expect(compare.boundary).toHaveValue("51");
  expect(await width()).not.toBe(before);
  await darkroom.page.keyboard.press("Escape");
  await expect(compare.dialog).toBeHidden();
});
