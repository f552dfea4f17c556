import { ALL_FORMATS, BufferSource, EncodedPacketSink, Input } from "mediabunny";
import { expect, test } from "./fixtures.ts";
import { SavePage } from "./pages/save.page.ts";
import { contrast, meanDifference } from "./pixels.ts";

const wish = { prompt: "a red apple", steps: 4, seed: 7 };

test("the picture is saved as PNG, JPEG and WebP", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const picture = await darkroom.make(wish);
  const save = new SavePage(darkroom.page);
  await save.open.click();

  const png = await save.download();
  expect(png.name).toBe("a-red-apple-7.png");
  expect((await save.read(png)).pixels.equals(picture)).toBe(true);
  await expect(save.dialog.getByText("Saved a-red-apple-7.png")).toBeVisible();

  await save.choose("JPEG");
  const jpeg = await save.download();
  expect(jpeg.name).toBe("a-red-apple-7.jpg");
  expect(jpeg.bytes.subarray(0, 3).toString("hex")).toBe("ffd8ff");
  expect(meanDifference((await save.read(jpeg)).pixels, picture)).toBeLessThan(8);
  await save.quality.fill("1");
  expect((await save.download()).bytes.length).toBeLessThan(jpeg.bytes.length);

  await save.choose("WebP");
  const webp = await save.download();
  expect(webp.name).toBe("a-red-apple-7.webp");
  expect(webp.bytes.subarray(8, 12).toString()).toBe("WEBP");

  // An earlier step is decoded first.
  await save.close.click();
  await darkroom.strip.focus();
  await darkroom.page.keyboard.press("Home");
  await save.open.click();
  const early = await save.download();
  expect(early.name).toBe("a-red-apple-7-step-1.png");
  expect(meanDifference((await save.read(early)).pixels, picture)).toBeGreaterThan(1);
});

test("the contact sheet holds every step; saving it can be cancelled", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const save = new SavePage(darkroom.page);
  await save.open.click();
  await save.choose("Contact sheet");
  const full = await save.download();
  expect(full.name).toBe("a-red-apple-7-steps.png");
  const sheet = await save.read(full);
  expect(contrast(sheet.pixels)).toBeGreaterThan(4);
  await save.drawnBy.selectOption("the quick preview");
  const preview = await save.read(await save.download());
  expect([preview.width, preview.height]).toEqual([sheet.width, sheet.height]);
  expect(preview.pixels.equals(sheet.pixels)).toBe(false);
  await save.shows.selectOption("Noisy latents");
  expect((await save.read(await save.download())).pixels.equals(preview.pixels)).toBe(false);

  await save.close.click();
  await darkroom.make({ ...wish, steps: 60 });
  await save.open.click();
  await save.choose("Contact sheet");
  let downloads = 0;
  darkroom.page.on("download", () => downloads++);
  await save.save.click();
  await expect(save.progress).toBeVisible();
  await save.cancel.click();
  await expect(save.save).toBeVisible();
  await expect(save.progress).toBeHidden();
  expect(downloads).toBe(0);
});

test("the time-lapse is a video of every step in order", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  const save = new SavePage(darkroom.page);
  await save.open.click();
  await save.choose("Time-lapse video");
  await expect(save.dialog.getByText(/^(MP4|WebM), /)).toBeVisible();
  await save.speed.selectOption("2");
  const { name, bytes } = await save.download();
  expect(name).toMatch(/^a-red-apple-7-time-lapse\.(mp4|webm)$/);
  const input = new Input({ source: new BufferSource(bytes), formats: ALL_FORMATS });
  const track = await input.getPrimaryVideoTrack();
  if (!track) throw new Error("The video has no video track.");
  expect(Math.max(track.displayWidth, track.displayHeight)).toBeGreaterThanOrEqual(256);
  const times: number[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) times.push(packet.timestamp);
  expect(times.map((time) => Math.round(time * 10) / 10)).toEqual([0, 0.5, 1, 1.5]);
  expect(await input.computeDuration()).toBeGreaterThanOrEqual(1.5);
});

test("a browser that encodes no video says so and offers the contact sheet", async ({ darkroom }) => {
  await darkroom.page.addInitScript(() => {
    Reflect.deleteProperty(window, "VideoEncoder");
  });
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make({ ...wish, steps: 2 });
  const save = new SavePage(darkroom.page);
  await save.open.click();
  await save.choose("Time-lapse video");
  await expect(save.dialog.getByText(/^This browser cannot encode a video .* save the contact sheet/)).toBeVisible();
  await expect(save.save).toBeDisabled();
  await save.choose("Contact sheet");
  await expect(save.save).toBeEnabled();
});
