import { expect, test } from "./fixtures.ts";

test("an empty prompt is allowed: it is the unconditional picture", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.prompt.fill("");
  await darkroom.steps.fill("2");
  await darkroom.generate.click();
  await expect(darkroom.picture("Picture without a prompt")).toBeVisible();
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
