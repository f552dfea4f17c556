import { expect, test } from "./fixtures.ts";

const wish = { steps: 2, seed: 4 };

test("a prompt beyond the text encoder's window is read in chunks, to its last word", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const prompt = "a red apple and ".repeat(20);
  const count = darkroom.page.getByText(/^\d+ of \d+ tokens/);
  await darkroom.prompt.fill("a red apple");
  await expect(count).toHaveText(/^5 of \d+ tokens$/);
  await darkroom.prompt.fill(prompt);
  await expect(count).toHaveText(/^\d+ of \d+ tokens, \d chunks$/);
  const zebra = await darkroom.make({ ...wish, prompt: `${prompt}a zebra` });
  const boat = await darkroom.make({ ...wish, prompt: `${prompt}a boat` });
  expect(boat.equals(zebra)).toBe(false);
});

test("weights and schedules change the picture as they say", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  const cat = await darkroom.make({ ...wish, prompt: "a cat" });
  expect((await darkroom.make({ ...wish, prompt: "a (cat:1)" })).equals(cat)).toBe(true);
  expect((await darkroom.make({ ...wish, prompt: "a (cat:1.5)" })).equals(cat)).toBe(false);
  expect((await darkroom.make({ ...wish, prompt: "[a cat:a dog:2]" })).equals(cat)).toBe(true);
  expect((await darkroom.make({ ...wish, prompt: "[a dog:a cat:0]" })).equals(cat)).toBe(true);
  expect((await darkroom.make({ ...wish, prompt: "[a cat:a dog:0.5]" })).equals(cat)).toBe(false);
});

test("alternatives in braces make a picture each; too many are refused", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.fill({ ...wish, prompt: "a {red|blue} {cat|car}" });
  await expect(darkroom.page.getByText(/tokens, 4 prompts$/)).toBeVisible();
  await darkroom.generate.click();
  await expect(darkroom.results).toHaveCount(4);
  await expect(darkroom.picture("a blue car")).toBeVisible();
  await darkroom.results.getByRole("button", { name: "Show 1, finished: a red cat, seed 4" }).click();
  await expect(darkroom.picture("a red cat")).toBeVisible();

  await darkroom.prompt.fill("{a|b}".repeat(9));
  await darkroom.generate.click();
  await expect(darkroom.page.getByText(/make 512 pictures of this; at most 256/)).toBeVisible();
  await expect(darkroom.results).toHaveCount(4);
});

test("the help says how prompts are written", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.page.keyboard.press("?");
  const help = darkroom.page.getByRole("dialog", { name: "Help" });
  await expect(help.getByText("[cat:dog:0.4]", { exact: true })).toBeVisible();
});
