import { expect, test } from "./fixtures.ts";
import { expectLayout, look } from "./pages/layout.ts";
import { StartImagePage } from "./pages/start-image.page.ts";

const prompt = "a red apple to the left of a blue car";

test("the layout holds before, while and after a run, from a small phone to a large desktop", async ({ darkroom }) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await expectLayout(page, "before");
  await darkroom.fill({ prompt, steps: 500 });
  await darkroom.generate.click();
  await expect(darkroom.strip.getByRole("option").nth(1)).toBeAttached();
  await darkroom.generate.click(); // another one waits
  await expectLayout(page, "while");
  await page.keyboard.press("Escape");
  await darkroom.make({ prompt, steps: 2 });
  await darkroom.make({ prompt, steps: 2, seed: 7 });
  await expectLayout(page, "after");
});

test("a start image and a branch leave the prompt, Generate and the picture where they can be used", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.make({ prompt, steps: 2 });
  const start = new StartImagePage(page);
  await start.give("drop", "halves.png", "image/png", await start.halves(128, 128, "image/png"));
  await expect(start.thumbnail).toBeVisible();
  await expectLayout(page, "a start image");
  await darkroom.strip.focus();
  await page.keyboard.press("Home");
  await page.keyboard.press("Enter");
  await page.setViewportSize({ width: 390, height: 664 });
  // The page follows its window's size a moment later.
  const room = { overlaps: [], outside: [], prompt: true, generate: true };
  await expect.poll(() => look(page)).toMatchObject(room);
});

test("where the keyboard only covers the page, the page keeps to what is seen", async ({ darkroom, page }) => {
  await page.setViewportSize({ width: 390, height: 664 });
  await darkroom.open("?device=cpu");
  await page.evaluate(() => {
    const viewport = visualViewport as VisualViewport;
    Object.defineProperty(viewport, "height", { value: 364, configurable: true });
    viewport.dispatchEvent(new Event("resize"));
  });
  const box = await darkroom.generate.boundingBox();
  expect((box?.y ?? 999) + (box?.height ?? 0)).toBeLessThanOrEqual(364);
  await page.evaluate(() => {
    Reflect.deleteProperty(visualViewport as VisualViewport, "height");
    visualViewport?.dispatchEvent(new Event("resize"));
  });
  await expect.poll(async () => (await darkroom.generate.boundingBox())?.y ?? 0).toBeGreaterThan(500);
});

test("Tab begins with a way to the prompt", async ({ darkroom, page }) => {
  await darkroom.open("?device=cpu");
  await page.keyboard.press("Tab");
  const skip = page.getByRole("link", { name: "Skip to the prompt" });
  await expect(skip).toBeFocused();
  await page.keyboard.press("Enter");
  await expect(darkroom.prompt).toBeFocused();
});
