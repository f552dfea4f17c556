import { expect, test } from "./fixtures.ts";
import { StartImagePage, withOrientation } from "./pages/start-image.page.ts";

/** Mean red less mean blue over a part of a 128 by 128 picture. */
function redOverBlue(pixels: Buffer, left: number, right: number, top = 0, bottom = 128): number {
  let sum = 0;
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) sum += pixels[(y * 128 + x) * 4] - pixels[(y * 128 + x) * 4 + 2];
  }
  return sum / ((right - left) * (bottom - top));
}

const wish = { prompt: "a red apple", steps: 4, seed: 7, guidanceScale: 1 };

test("a picture to start from: chosen, the encoder fetched once, behind; a low strength keeps its colours, turned as EXIF says", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  const encoder: string[] = [];
  page.context().on("requestfinished", (request) => {
    if (request.url().endsWith("vae_encoder/model.onnx")) encoder.push(request.url());
  });
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await expect.poll(() => encoder).toHaveLength(1);

  const start = new StartImagePage(page);
  await start.choose("halves.png", "image/png", await start.halves(256, 256, "image/png"));
  await expect(start.thumbnail).toBeVisible();
  await start.strength.fill("0.25");
  const upright = await darkroom.make(wish);
  expect(encoder).toHaveLength(1);
  expect(redOverBlue(upright, 0, 60)).toBeGreaterThan(60);
  expect(redOverBlue(upright, 68, 128)).toBeLessThan(-60);
  // one of the four steps
  await expect(darkroom.strip.getByRole("option")).toHaveCount(1);

  // Turned by a quarter clockwise: what was left is at the top.
  const jpeg = withOrientation(await start.halves(256, 256, "image/jpeg"), 6);
  await start.choose("turned.jpg", "image/jpeg", jpeg);
  const turned = await darkroom.make({ ...wish, seed: 8 });
  expect(redOverBlue(turned, 0, 128, 0, 60)).toBeGreaterThan(60);
  expect(redOverBlue(turned, 0, 128, 68, 128)).toBeLessThan(-60);
});

test("dropped, pasted, taken from a result, cropped or fitted, removed; a file that is no picture says so", async ({
  darkroom,
}) => {
  const { page } = darkroom;
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const start = new StartImagePage(page);
  const wide = await start.halves(512, 256, "image/png");
  await start.give("drop", "notes.txt", "text/plain", Buffer.from("no picture"));
  await expect(start.section).toContainText("notes.txt is not a picture that this browser can read; choose a PNG");
  await start.give("drop", "wide.png", "image/png", wide);
  await expect(start.thumbnail).toHaveAccessibleName("Start image: wide.png");
  await expect(start.section).not.toContainText("not a picture");
  await start.remove.click();
  await expect(start.thumbnail).toBeHidden();
  await start.give("paste", "pasted.png", "image/png", wide);
  await expect(start.thumbnail).toHaveAccessibleName("Start image: pasted.png");

  await start.strength.fill("0.25");
  const cropped = await darkroom.make(wish);
  await start.size.selectOption("Fit whole into the size");
  await darkroom.prompt.fill(wish.prompt);
  const fitted = await darkroom.finish(wish.prompt, () => darkroom.generate.click());
  expect(fitted.equals(cropped)).toBe(false);

  await start.use.click();
  await expect(start.thumbnail).toHaveAccessibleName("Start image: Picture 2");
});
