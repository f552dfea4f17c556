import { test } from "./fixtures.ts";
import { expectAccessible } from "./pages/accessibility.ts";
import { BranchPage } from "./pages/branch.page.ts";
import { ComparePage } from "./pages/compare.page.ts";
import { PlotPage } from "./pages/plot.page.ts";
import { SavePage } from "./pages/save.page.ts";

test("the save, compare and plot dialogs, an early step, and a branch", async ({ darkroom }) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make({ prompt: "a red apple", steps: 3, seed: 7 });
  await darkroom.make({ prompt: "a blue car", steps: 3, seed: 7 });
  const [branch, save, compare, plot] = [
    new BranchPage(page),
    new SavePage(page),
    new ComparePage(page),
    new PlotPage(page),
  ];
  await save.open.click();
  for (const kind of ["PNG", "JPEG", "Time-lapse video"] as const) {
    await save.choose(kind);
    await expectAccessible(page, `saving a ${kind}`);
  }
  await page.keyboard.press("Escape");
  await compare.open.click();
  await expectAccessible(page, "comparing");
  await compare.mode("Slider").check();
  await expectAccessible(page, "comparing with a slider");
  await page.keyboard.press("Escape");
  await plot.open.click();
  await plot.axis("X", "Sampler", "Magic");
  await expectAccessible(page, "a plot with a value that is none");
  await page.keyboard.press("Escape");
  await darkroom.strip.focus();
  await page.keyboard.press("Home");
  await expectAccessible(page, "an early step");
  await branch.begin.click();
  await expectAccessible(page, "a branch");
});
