import { expect, test } from "./fixtures.ts";
import { MaskPage } from "./pages/mask.page.ts";
import { StartImagePage } from "./pages/start-image.page.ts";

const wish = { prompt: "a red apple", steps: 3, seed: 7, guidanceScale: 1 };
const SIDE = 128;

test("a mask painted on a result: beyond its feather the next picture is the same pixel for pixel, inside it is another", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const [start, mask] = [new StartImagePage(page), new MaskPage(page)];
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const before = await darkroom.make(wish);
  await start.use.click();
  await mask.open.click();
  await mask.brushSize.fill("32");
  await mask.feather.fill("8");
  await mask.draw([0.15, 0.15], [0.15, 0.6]);
  expect(await mask.painted()).toBeGreaterThan(1000);
  await mask.use.click();
  await expect(mask.dialog).toBeHidden();
  await expect(start.settings).toContainText("Only the masked area is regenerated");
  await start.strength.fill("1");
  await darkroom.fill({ ...wish, prompt: "a blue car", seed: 9 });
  const after = await darkroom.finish("a blue car", () => darkroom.generate.click());

  let inside = 0;
  let beyond = 0;
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const at = (y * SIDE + x) * 4;
      const off = [0, 1, 2].reduce((sum, c) => sum + Math.abs(after[at + c] - before[at + c]), 0);
      // the line runs at 19 from 19 to 77, 16 to each side
      if (Math.abs(x - 19) < 10 && y > 19 && y < 77) inside += off;
      if (x > 19 + 16 + 9 || y > 77 + 16 + 9) beyond += off;
    }
  }
  expect(beyond).toBe(0);
  expect(inside).toBeGreaterThan(1000);
});

test("the mask editor by hand and by keys: brush, eraser, invert, clear, undo, redo; what was painted is there again", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const [start, mask] = [new StartImagePage(page), new MaskPage(page)];
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await start.choose("halves.png", "image/png", await start.halves(256, 256, "image/png"));
  await mask.open.click();
  expect(await mask.painted()).toBe(0);
  await mask.canvas.focus();
  await page.keyboard.press("Space");
  const dab = await mask.painted();
  expect(dab).toBeGreaterThan(100);
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Space");
  const two = await mask.painted();
  expect(two).toBeGreaterThan(dab);
  await mask.tool("Eraser").check();
  await mask.draw([0, 0.5], [1, 0.5]);
  expect(await mask.painted()).toBeLessThan(two);
  await mask.button("Undo").click();
  expect(await mask.painted()).toBe(two);
  await page.keyboard.press("Control+z");
  expect(await mask.painted()).toBe(dab);
  await mask.button("Redo").click();
  expect(await mask.painted()).toBe(two);
  await mask.button("Invert").click();
  expect(await mask.painted()).toBe(SIDE * SIDE - two);
  await mask.use.click();
  await mask.open.click();
  expect(await mask.painted()).toBe(SIDE * SIDE - two);
  await mask.button("Clear").click();
  await expect(mask.use).toHaveText("Use no mask");
  await mask.use.click();
  await expect(mask.open).toHaveText("Paint mask");
});

test("the mask is painted by pen and by finger; a second finger paints nothing", async ({ darkroom }) => {
  const { page } = darkroom;
  const [start, mask] = [new StartImagePage(page), new MaskPage(page)];
  await darkroom.open("?device=cpu");
  await start.choose("halves.png", "image/png", await start.halves(256, 256, "image/png"));
  await mask.open.click();
  await page.mouse.click(1, 1);
  await mask.drawByPen([0.1, 0.15], [0.9, 0.15]);
  expect(await mask.isPainted([0.5, 0.15])).toBe(true);
  expect(await mask.isPainted([0.5, 0.5])).toBe(false);
  await mask.button("Undo").click();
  expect(await mask.painted()).toBe(0);

  await mask.drawByFinger([0.1, 0.15], [0.9, 0.15], [0.5, 0.85]);
  expect(await mask.isPainted([0.5, 0.15])).toBe(true);
  for (const height of [0.5, 0.85]) expect(await mask.isPainted([0.5, height])).toBe(false);
});
