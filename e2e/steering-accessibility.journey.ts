import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";
import { BranchPage } from "./pages/branch.page.ts";
import { ComparePage } from "./pages/compare.page.ts";
import { PlotPage } from "./pages/plot.page.ts";
import { SavePage } from "./pages/save.page.ts";

test("axe finds nothing on the timeline, a branch, the save, compare and plot dialogs, at three widths", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const check = async (screen: string) => {
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${screen} at ${page.viewportSize()?.width} pixels`).toEqual([]);
  };
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
  for (const [width, height] of [
    [1440, 900],
    [768, 1024],
    [390, 844],
  ]) {
    await page.setViewportSize({ width, height });
    await check("the timeline");
    await save.open.click();
    for (const kind of ["JPEG", "Time-lapse video"] as const) {
      await save.choose(kind);
      await check(`saving a ${kind}`);
    }
    await page.keyboard.press("Escape");
    await compare.open.click();
    await check("comparing");
    await compare.mode("Slider").check();
    await check("comparing with a slider");
    await page.keyboard.press("Escape");
    await plot.open.click();
    await plot.axis("X", "Sampler", "Magic");
    await check("a plot");
    await page.keyboard.press("Escape");
    await darkroom.strip.focus();
    await page.keyboard.press("Home");
    await branch.begin.click();
    await check("a branch");
    await branch.cancel.click();
    await darkroom.strip.focus();
    await page.keyboard.press("End");
  }
});
