import { expect, test } from "./fixtures.ts";
import { TimelinePage } from "./pages/timeline.page.ts";

const wish = { prompt: "a red apple", steps: 4, seed: 7 };

test("the steps are scrubbed with the mouse, by touch and with keys, in both views", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const timeline = new TimelinePage(darkroom.page);
  const selected = (number: number) => expect(darkroom.step(number, 4)).toHaveAttribute("aria-selected", "true");

  const first = await timeline.middleOf(darkroom.step(1, 4));
  const third = await timeline.middleOf(darkroom.step(3, 4));
  await darkroom.page.mouse.move(first.x, first.y);
  await darkroom.page.mouse.down();
  await selected(1);
  await darkroom.page.mouse.move(third.x, third.y, { steps: 4 });
  await selected(3);
  await darkroom.page.mouse.up();

  // A finger goes where it likes vertically; the strip follows it along.
  const touch = await darkroom.page.context().newCDPSession(darkroom.page);
  const finger = (type: "touchStart" | "touchMove" | "touchEnd", at?: { x: number; y: number }) =>
    touch.send("Input.dispatchTouchEvent", { type, touchPoints: at ? [at] : [] });
  const second = await timeline.middleOf(darkroom.step(2, 4));
  await finger("touchStart", third);
  await finger("touchMove", { x: (second.x + third.x) / 2, y: third.y + 3 });
  await finger("touchMove", { ...second, y: second.y + 6 });
  await selected(2);
  await finger("touchEnd");

  await timeline.strip.focus();
  await darkroom.page.keyboard.press("ArrowLeft");
  await selected(1);
  const predicted = await timeline.previewPixels();
  await timeline.view("Noisy latents").check();
  await expect.poll(() => timeline.previewPixels()).not.toBe(predicted);
  await timeline.strip.focus();
  await darkroom.page.keyboard.press("v");
  await expect(timeline.view("Predicted picture")).toBeChecked();
  await expect.poll(() => timeline.previewPixels()).toBe(predicted);
  await darkroom.page.keyboard.press("d");
  await expect(darkroom.page.getByRole("img", { name: /step 1 of 4, decoded/ })).toBeVisible();
});

test("the steps play back to the finished picture, pause, and stop when scrubbed", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const timeline = new TimelinePage(darkroom.page);
  const seen = await timeline.watchSelection();
  await timeline.speed.selectOption("4");
  await timeline.play.click();
  await expect(timeline.play).toBeVisible();
  await expect(darkroom.picture(wish.prompt)).toBeVisible();
  expect(await seen()).toEqual([1, 2, 3, 4]);

  await timeline.speed.selectOption("0.5");
  await timeline.strip.focus();
  await darkroom.page.keyboard.press("Space");
  await expect(timeline.pause).toBeVisible();
  await darkroom.page.keyboard.press("Home");
  await expect(timeline.play).toBeVisible();
  await expect(darkroom.step(1, 4)).toHaveAttribute("aria-selected", "true");
});
