import { expect, test } from "./fixtures.ts";

test("an empty prompt is allowed: it is the unconditional picture", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.prompt.fill("");
  await darkroom.steps.fill("2");
  await darkroom.generate.click();
  await expect(darkroom.picture("Picture without a prompt")).toBeVisible();
});

test("a prompt that is too long runs, and the words that were not read are shown", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const prompt = `${"a red apple and ".repeat(40)}a zebra`;
  await darkroom.fill({ prompt, steps: 1, seed: 1 });
  const unread = darkroom.page.getByText(/Not read:/);
  await expect(unread).toBeVisible();
  await expect(unread).toContainText("a zebra");
  await darkroom.generate.click();
  await expect(darkroom.picture(prompt)).toBeVisible();
});

test("a setting out of range is said, nothing runs and nothing typed is lost", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.fill({ prompt: "a red apple", steps: 0, seed: 1 });
  await darkroom.width.fill("7");
  await darkroom.generate.click();
  await expect(darkroom.page.getByText(/^Steps must be /)).toBeVisible();
  await expect(darkroom.page.getByText(/^Width must be /)).toBeVisible();
  await expect(darkroom.steps).toHaveAttribute("aria-invalid", "true");
  await expect(darkroom.denoising).toBeHidden();
  await expect(darkroom.prompt).toHaveValue("a red apple");
  await expect(darkroom.steps).toHaveValue("0");
  await darkroom.steps.fill("1");
  await darkroom.width.fill(await darkroom.height.inputValue());
  await darkroom.generate.click();
  await expect(darkroom.picture("a red apple")).toBeVisible();
});
