import { expect, test } from "./fixtures.ts";
import { expectAccessible, NARROW, tabThrough } from "./pages/accessibility.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { GalleryPage } from "./pages/gallery.page.ts";
import { MaskPage } from "./pages/mask.page.ts";
import { ModelsPage } from "./pages/models.page.ts";
import { OpeningPage, webuiFile } from "./pages/opening.page.ts";
import { QueuePage } from "./pages/queue.page.ts";
import { StartImagePage } from "./pages/start-image.page.ts";
import { UnfinishedPage } from "./pages/unfinished.page.ts";

const wish = { prompt: "a red apple", steps: 2, seed: 1 };

test("the start, the prompt with suggestions and marks, and what a wrong setting says", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const { page, prompt } = darkroom;
  await expectAccessible(page, "start");
  await prompt.click();
  await prompt.pressSequentially("a xylophone, an ele");
  await prompt.press("ArrowDown");
  await expectAccessible(page, "suggestions");
  await prompt.press("Enter");
  await darkroom.steps.fill("0");
  await darkroom.generate.click();
  await expectAccessible(page, "a setting out of range");
  await page.setViewportSize({ width: 390, height: 844 });
  await darkroom.generate.click();
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
  await expectAccessible(page, "a setting out of range, in the sheet", NARROW);
  await page.keyboard.press("Escape");
  const opening = new OpeningPage(page);
  await opening.hand("drop", webuiFile("a cat\nSteps: 7, Sampler: Euler a, Seed: 12, Size: 64x99999, Clip skip: 2"));
  await expect(opening.unmapped).not.toHaveCount(0);
  await expectAccessible(page, "settings of a file that could not all be taken over");
});

test("a running picture, the queue, and a finished picture", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const { page } = darkroom;
  await darkroom.fill({ ...wish, steps: 200 });
  await darkroom.generate.click();
  await expect(darkroom.strip.getByRole("option").nth(1)).toBeVisible();
  await expectAccessible(page, "running");
  const queue = new QueuePage(page);
  await queue.open.click();
  await expect(queue.dialog).toBeVisible();
  await expectAccessible(page, "queue");
  await queue.close.click();
  await darkroom.cancel.click();
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await expectAccessible(page, "finished");
});

test("the help, what the model can draw, the settings of a phone", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const { page } = darkroom;
  for (const name of ["Help", "What this model can draw"]) {
    await page.getByRole("button", { name }).first().click();
    await expect(page.getByRole("dialog")).toBeVisible();
    await expectAccessible(page, name);
    await page.keyboard.press("Escape");
    await expect(page.getByRole("dialog")).toBeHidden();
  }
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("button", { name: "Settings", exact: true }).click();
  await expect(page.getByRole("dialog", { name: "Settings" })).toBeVisible();
  await expectAccessible(page, "settings sheet", NARROW);
});

test("the gallery, one of its pictures, two of them compared; a start image", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await darkroom.make({ ...wish, seed: 2 });
  const { page } = darkroom;
  const gallery = new GalleryPage(page);
  await gallery.kept(2);
  await gallery.open();
  await expectAccessible(page, "gallery");
  await gallery.choose(wish.prompt, 1);
  await gallery.choose(wish.prompt, 2);
  await gallery.button("Compare").click();
  await expectAccessible(page, "comparing in the gallery");
  await page.keyboard.press("Escape");
  await gallery.open();
  await gallery.tile(wish.prompt, 1).click();
  await expectAccessible(page, "a picture of the gallery");
  await page.keyboard.press("Escape");

  const start = new StartImagePage(page);
  await start.choose("halves.png", "image/png", await start.halves(128, 128, "image/png"));
  await expect(start.thumbnail).toBeVisible();
  await expectAccessible(page, "start image");
});

test("the mask editor, the dialog that extends, a batch as a grid, the models", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const { page } = darkroom;
  const [start, mask, models] = [new StartImagePage(page), new MaskPage(page), new ModelsPage(page)];
  await start.choose("halves.png", "image/png", await start.halves(128, 128, "image/png"));
  await mask.open.click();
  await mask.draw([0.3, 0.3], [0.6, 0.6]);
  await expectAccessible(page, "mask editor");
  expect(await mask.painted(), "what was painted before the page became wide").toBeGreaterThan(0);
  await page.keyboard.press("Escape");
  await expectAccessible(page, "what becomes of the mask");
  await mask.discard.click();
  await mask.extend.click();
  await expect(mask.extendDialog).toBeVisible();
  await expectAccessible(page, "extending");
  await page.keyboard.press("Escape");
  await start.remove.click();

  await page.getByRole("spinbutton", { name: "Number of pictures" }).fill("2");
  await darkroom.make(wish);
  await page.getByRole("button", { name: "All 2" }).click();
  await expect(page.getByRole("dialog")).toBeVisible();
  await expectAccessible(page, "a batch as a grid");
  await page.keyboard.press("Escape");

  await models.open();
  await expectAccessible(page, "models");
});

test("a tab that was killed leaves an offer in the next one", async ({ darkroom, context }) => {
  await darkroom.open("?device=cpu");
  await darkroom.fill({ ...wish, steps: 200 });
  await darkroom.generate.click();
  await expect(darkroom.strip.getByRole("option").nth(1)).toBeVisible();
  await darkroom.page.close();
  const next = new DarkroomPage(await context.newPage());
  await next.open("?device=cpu");
  await expect(new UnfinishedPage(next.page).goOn).toBeVisible();
  await expectAccessible(next.page, "unfinished runs");
});

test("everything is reached with Tab", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const reached = await tabThrough(darkroom.page);
  for (const name of ["Prompt", "Generate", "Steps", "Model", "Negative Prompt", "Sampler", "Width", "Seed", "Help"]) {
    expect(reached).toContain(name);
  }
});

test("the checker finds what is wrong: a button without a name, one that no key reaches, a page that is too wide", async ({
  page,
}) => {
  const broken = async (content: string) => {
    await page.setContent(`<html lang="en"><title>Broken</title><main><h1>Broken</h1>${content}</main></html>`);
    return expectAccessible(page, "broken");
  };
  await expect(broken("<button></button>")).rejects.toThrow(/button-name/);
  await expect(broken('<button tabindex="-1">Go</button>')).rejects.toThrow(/Tab passes by/);
  await expect(broken('<p style="width: 800px">Wide</p>')).rejects.toThrow(/scrolls sideways/);
  await expect(broken("<button>Go</button>")).resolves.toBeUndefined();
});
