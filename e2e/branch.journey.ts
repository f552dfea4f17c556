import { expect, test } from "./fixtures.ts";
import { BranchPage } from "./pages/branch.page.ts";

const wish = { prompt: "a red apple", steps: 4, seed: 7 };

test("a branch from the strip: unchanged it is the same picture, with another prompt another one of the same family", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const branch = new BranchPage(darkroom.page);
  const parent = await darkroom.make(wish);
  const previews = await darkroom.previews();

  // The last step leaves nothing to branch: the page says so.
  await darkroom.strip.focus();
  await darkroom.page.keyboard.press("Enter");
  await expect(darkroom.page.getByText(/^After the last step/)).toBeVisible();

  await darkroom.prompt.fill("typed before");
  await darkroom.strip.focus();
  await darkroom.page.keyboard.press("Home");
  await darkroom.page.keyboard.press("ArrowRight");
  await darkroom.page.keyboard.press("Enter");
  await expect(branch.banner).toContainText("Branching from step 2 of picture 1");
  await expect(darkroom.prompt).toBeFocused();
  await expect(darkroom.prompt).toHaveValue(wish.prompt);
  await expect(darkroom.steps).toBeDisabled();
  const same = await darkroom.finish(wish.prompt, () => darkroom.page.keyboard.press("Control+Enter"));
  expect(same.equals(parent)).toBe(true);
  await expect(branch.banner).toBeHidden();

  await branch.parent.click();
  await expect(darkroom.step(2, 4)).toHaveAttribute("aria-selected", "true");
  await branch.begin.click();
  await darkroom.prompt.fill("a blue car");
  const other = await darkroom.finish("a blue car", () => darkroom.generate.click());
  expect(other.equals(parent)).toBe(false);
  const branched = await darkroom.previews();
  expect(branched.slice(0, 2)).toEqual(previews.slice(0, 2));
  expect(branched[2]).not.toBe(previews[2]);
  await expect(branch.parent).toHaveText("branch of picture 1 from step 2");
  await expect(
    darkroom.results.getByRole("button", { name: /^Show 3, finished, branch of 1: a blue car/ }),
  ).toBeVisible();
});

test("a branch with another sampler, whose noise has a seed of its own; one that cannot take over says so", async ({
  darkroom,
}) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const branch = new BranchPage(darkroom.page);
  await darkroom.sampler.selectOption({ label: "Euler" });
  const parent = await darkroom.make(wish);
  const fromSecondStep = async () => {
    await darkroom.results.getByRole("button", { name: /^Show 1,/ }).click();
    await darkroom.strip.focus();
    await darkroom.page.keyboard.press("Home");
    await darkroom.page.keyboard.press("ArrowRight");
    await branch.begin.click();
  };
  await darkroom.strip.focus();
  await darkroom.page.keyboard.press("Home");
  await darkroom.page.keyboard.press("ArrowRight");
  await branch.begin.click();
  await expect(branch.banner).toContainText("Euler draws no noise: the noise seed changes nothing.");
  await darkroom.sampler.selectOption({ label: "Euler a" });
  await expect(branch.banner).not.toContainText("draws no noise");
  await branch.noiseSeed.fill("1");
  const first = await darkroom.finish(wish.prompt, () => darkroom.generate.click());
  expect(first.equals(parent)).toBe(false);

  await fromSecondStep();
  await darkroom.sampler.selectOption({ label: "Euler a" });
  await branch.noiseSeed.fill("2");
  await darkroom.generate.click();
  await expect(darkroom.results.getByRole("button", { name: /^Show 3, finished, branch of 1/ })).toBeVisible();
  expect((await darkroom.pixels(darkroom.picture(wish.prompt))).equals(first)).toBe(false);

  await fromSecondStep();
  await darkroom.prompt.fill("given up");
  await branch.cancel.click();
  await expect(branch.banner).toBeHidden();
  await expect(darkroom.prompt).toHaveValue(wish.prompt);

  await fromSecondStep();
  await darkroom.sampler.selectOption("pndm");
  await darkroom.generate.click();
  await expect(
    darkroom.page.getByText(/^Failed after step 2. PNDM .*cannot take over in the middle of a run; choose another/),
  ).toBeVisible();
});
