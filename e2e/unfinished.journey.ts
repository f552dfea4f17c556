import { expect, test } from "./fixtures.ts";
import { UnfinishedPage } from "./pages/unfinished.page.ts";

test("a reload in the middle of a run: it goes on from the last step to the same picture", async ({ darkroom }) => {
  const unfinished = new UnfinishedPage(darkroom.page);
  const wish = { prompt: "a red apple", steps: 20, seed: 3 };
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  const unbroken = await darkroom.make(wish);
  const previews = await darkroom.previews();

  await unfinished.reloadAtStep(5, wish.steps, () => darkroom.press());
  await darkroom.ready();
  await expect(unfinished.notice).toContainText(/interrupted after step \d+ of 20: a red apple/);
  const again = await darkroom.finish(wish.prompt, () => unfinished.goOn.click());
  expect(again.equals(unbroken)).toBe(true);
  expect(await darkroom.previews()).toEqual(previews);
  await expect(unfinished.notice).toBeEmpty();

  await expect(darkroom.page.getByRole("button", { name: "Gallery (2)" })).toBeVisible();

  // What is finished is not offered again; what is discarded neither.
  await unfinished.reloadAtStep(2, wish.steps, () => darkroom.press());
  await darkroom.ready();
  await unfinished.discard.click();
  await expect(unfinished.notice).toBeEmpty();
  await darkroom.reload();
  await expect(darkroom.page.getByRole("button", { name: "Gallery (2)" })).toBeVisible();
  await expect(unfinished.notice).toBeEmpty();
});

test("a cancelled run goes on from its last step to the same picture", async ({ darkroom }) => {
  const wish = { prompt: "a red apple", steps: 20, seed: 3 };
  await darkroom.open();
  await darkroom.chooseSmallestSize();
  await darkroom.fill(wish);
  const cancelling = darkroom.cancelAtStep(5, wish.steps);
  await darkroom.generate.click();
  await cancelling;
  const goOn = darkroom.page.getByRole("button", { name: "Resume" });
  const continued = await darkroom.finish(wish.prompt, () => goOn.click());
  await expect(goOn).toBeHidden();
  const unbroken = await darkroom.finish(wish.prompt, () => darkroom.press());
  expect(continued.equals(unbroken)).toBe(true);
});
