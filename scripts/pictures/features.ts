/** How the page is brought to show each of its features, as a visitor does it. */
import type { Locator, Page } from "@playwright/test";
import { BranchPage } from "../../e2e/pages/branch.page.ts";
import { ComparePage } from "../../e2e/pages/compare.page.ts";
import { DarkroomPage } from "../../e2e/pages/darkroom.page.ts";
import { GalleryPage } from "../../e2e/pages/gallery.page.ts";
import { MaskPage } from "../../e2e/pages/mask.page.ts";
import { ModelsPage } from "../../e2e/pages/models.page.ts";
import { OpeningPage, webuiFile } from "../../e2e/pages/opening.page.ts";
import { PlotPage } from "../../e2e/pages/plot.page.ts";
import { QueuePage } from "../../e2e/pages/queue.page.ts";
import { SavePage } from "../../e2e/pages/save.page.ts";
import { StartImagePage } from "../../e2e/pages/start-image.page.ts";
import { UnfinishedPage } from "../../e2e/pages/unfinished.page.ts";

/** What is taken: a part of the page, or all of it. */
interface Shown {
  page: Page;
  part?: Locator;
}

type Feature = (page: Page, address: string) => Promise<Shown>;

const APPLE = { prompt: "a red apple", seed: 7 };
const STRAWBERRIES = { prompt: "two strawberries", seed: 7 };

/** By the name of the picture. */
export const features: Record<string, Feature> = {
  async darkroom(page, address) {
    await page.setViewportSize({ width: 1440, height: 900 });
    const darkroom = await opened(page, address);
    await darkroom.make(STRAWBERRIES);
    await darkroom.make(APPLE);
    return { page };
  },

  async timeline(page, address) {
    const darkroom = await opened(page, address);
    await darkroom.make(APPLE);
    await darkroom.strip.getByRole("option").nth(8).click();
    return { page, part: page.getByRole("main") };
  },

  async branch(page, address) {
    const darkroom = await opened(page, address);
    await darkroom.make(APPLE);
    await darkroom.strip.getByRole("option").nth(6).click();
    await new BranchPage(page).begin.click();
    await darkroom.prompt.fill("a green apple");
    await darkroom.prompt.press("Escape"); // the suggestions would lie over the banner
    return { page, part: page.getByRole("main") };
  },

  async "start-image"(page, address) {
    const darkroom = await opened(page, address);
    const start = new StartImagePage(page);
    await darkroom.make(APPLE);
    await start.use.click();
    await darkroom.make({ prompt: "a green apple" });
    await start.strength.scrollIntoViewIfNeeded();
    return { page };
  },

  async variations(page, address) {
    const darkroom = await opened(page, address);
    await darkroom.make(APPLE);
    await page.getByRole("button", { name: "Vary or upscale" }).click();
    await page.getByRole("button", { name: "Vary picture 1 a lot" }).click();
    await page.getByRole("button", { name: /^Show 5, finished/ }).waitFor({ timeout: 0 });
    await page.getByRole("button", { name: "All 4" }).click();
    return { page, part: page.getByRole("dialog") };
  },

  async inpainting(page, address) {
    const darkroom = await opened(page, address);
    const mask = new MaskPage(page);
    await darkroom.make(APPLE);
    await new StartImagePage(page).use.click();
    await mask.open.click();
    await mask.draw([0.35, 0.4], [0.65, 0.6]);
    return { page, part: mask.dialog };
  },

  async outpainting(page, address) {
    const darkroom = await opened(page, address);
    const mask = new MaskPage(page);
    await darkroom.make(APPLE);
    await new StartImagePage(page).use.click();
    await mask.extend.click();
    await mask.extendDialog.getByRole("slider").press("ArrowRight");
    await mask.extendDialog.getByRole("button", { name: "Extend" }).click();
    await mask.extendDialog.waitFor({ state: "hidden" }); // until then what is typed goes to the dialog
    await darkroom.make({ prompt: "two red apples" });
    return { page };
  },

  async alternatives(page, address) {
    const darkroom = await opened(page, address);
    await darkroom.fill({ ...APPLE, prompt: "a {red|green|yellow} apple" });
    await darkroom.generate.click();
    await page.getByRole("button", { name: /^Show 3, finished/ }).waitFor({ timeout: 0 });
    await page.getByRole("button", { name: "All 3" }).click();
    return { page, part: page.getByRole("dialog") };
  },

  async marks(page, address) {
    await page.setViewportSize({ width: 1100, height: 560 });
    const darkroom = await opened(page, address);
    await darkroom.prompt.pressSequentially("a (red:1.3) xylophone and an ele");
    await page.getByText(/^1\d of \d+ tokens$/).waitFor();
    return { page, part: page.getByRole("main") };
  },

  async plot(page, address) {
    const darkroom = await opened(page, address);
    const plot = new PlotPage(page);
    await darkroom.fill(APPLE);
    await plot.open.click();
    await plot.axis("X", "Guidance scale", "1, 3, 5");
    await plot.axis("Y", "Prompt S/R", "apple, car");
    await plot.start.click();
    await plot.grid(6, 6).waitFor({ timeout: 0 });
    await plot.grid(6, 6).scrollIntoViewIfNeeded();
    return { page, part: plot.dialog };
  },

  async compare(page, address) {
    const darkroom = await opened(page, address);
    const compare = new ComparePage(page);
    await darkroom.make(APPLE);
    await darkroom.make(STRAWBERRIES);
    await compare.open.click();
    return { page, part: compare.dialog };
  },

  async export(page, address) {
    const darkroom = await opened(page, address);
    const save = new SavePage(page);
    await darkroom.make(APPLE);
    await save.open.click();
    await save.choose("Contact sheet");
    return { page, part: save.dialog };
  },

  async gallery(page, address) {
    const darkroom = await opened(page, address);
    const gallery = new GalleryPage(page);
    for (const prompt of ["a banana", "a fish", "two strawberries", "a blue car", "a red apple"])
      await darkroom.make({ prompt, seed: 7 });
    await gallery.kept(5);
    await gallery.open();
    return { page, part: gallery.dialog };
  },

  async metadata(page, address) {
    await opened(page, address);
    const file = webuiFile(
      "a red apple\nNegative prompt: a car\nSteps: 12, Sampler: Euler a, Schedule type: Karras, CFG scale: 4, Seed: 12, Size: 256x256, Clip skip: 2",
    );
    await new OpeningPage(page).hand("drop", file);
    await new OpeningPage(page).unmapped.first().waitFor();
    return { page };
  },

  async queue(page, address) {
    const darkroom = await opened(page, address);
    const queue = new QueuePage(page);
    await darkroom.fill({ ...APPLE, steps: 60 });
    await darkroom.generate.click();
    for (const prompt of ["two strawberries", "a blue car"]) {
      await darkroom.fill({ prompt, steps: 20 });
      await darkroom.generate.click();
    }
    await darkroom.strip.getByRole("option").nth(8).waitFor({ timeout: 0 });
    await queue.open.click();
    return { page, part: queue.dialog };
  },

  async unfinished(page, address) {
    const darkroom = await opened(page, address);
    await darkroom.make(STRAWBERRIES);
    await darkroom.fill({ ...APPLE, steps: 200 });
    await darkroom.generate.click();
    await darkroom.strip.getByRole("option").nth(2).waitFor({ timeout: 0 });
    const next = await page.context().newPage();
    await page.close();
    await opened(next, address);
    await new UnfinishedPage(next).goOn.waitFor();
    return { page: next, part: next.getByRole("main") };
  },

  async models(page, address) {
    const models = new ModelsPage(page);
    await opened(page, address);
    await models.open();
    return { page, part: models.dialog };
  },
};

async function opened(page: Page, address: string): Promise<DarkroomPage> {
  const darkroom = new DarkroomPage(page);
  await darkroom.open(address);
  return darkroom;
}
