import { expect, test } from "./fixtures.ts";

test("the engine's worker dies in the middle of a run, and the run finishes with the same picture", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu&test");
  const wish = { prompt: "a red apple", steps: 30, seed: 3 };
  const unbroken = await darkroom.make(wish);
  const previews = await darkroom.previews();
  const broken = await darkroom.finish(wish.prompt, async () => {
    await darkroom.press();
    await expect(darkroom.picture(wish.prompt)).toBeHidden();
    await expect(darkroom.step(3, wish.steps)).toBeVisible();
    await darkroom.killWorker();
  });
  // The run must really have been broken: the page says so.
  await expect(darkroom.page.getByText(/engine stopped/i)).toBeVisible();
  expect(broken.equals(unbroken)).toBe(true);
  expect(await darkroom.previews()).toEqual(previews);
});
