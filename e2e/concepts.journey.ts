import { expect, test } from "./fixtures.ts";

test("suggestions of what the model was taught, by keyboard and by pointer", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const { page, prompt } = darkroom;
  const list = page.getByRole("listbox", { name: "Suggestions" });
  await prompt.click();
  await prompt.pressSequentially("a red ele");
  await expect(list.getByRole("option", { name: "elephant object", exact: true })).toBeVisible();
  await prompt.press("ArrowDown");
  const first = list.getByRole("option").first();
  await expect(first).toHaveAttribute("aria-selected", "true");
  await expect(prompt).toHaveAttribute("aria-activedescendant", (await first.getAttribute("id")) ?? "");
  await prompt.press("Enter");
  await expect(prompt).toHaveValue("a red elephant ");
  await expect(list).toBeHidden();

  await prompt.pressSequentially("to the l");
  await list.getByRole("option", { name: "to the left of position" }).click();
  await expect(prompt).toHaveValue("a red elephant to the left of ");
  await expect(prompt).toBeFocused();

  await prompt.pressSequentially("a hou");
  await expect(list).toBeVisible();
  await prompt.press("Escape");
  await expect(list).toBeHidden();
  await expect(prompt).toHaveValue("a red elephant to the left of a hou");
  // Without a choice Tab leaves the field, as everywhere.
  await prompt.pressSequentially("s");
  await expect(list).toBeVisible();
  await prompt.press("Tab");
  await expect(prompt).not.toBeFocused();
  await expect(prompt).toHaveValue("a red elephant to the left of a hous");

  await prompt.fill("a ca");
  await expect(list).toBeVisible();
  await darkroom.steps.fill("0"); // nothing is made
  await prompt.fill("a ca");
  await prompt.press("Control+Enter");
  await expect(list).toBeHidden();
});

test("a word that the model was never taught is marked, and said", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  const { page, prompt } = darkroom;
  await prompt.fill("a xylophone, ");
  await expect(page.getByText(/Safelight 1 was never taught “xylophone”; it knows .+ other objects/)).toBeVisible();
  await expect(prompt).toHaveAccessibleDescription(/never taught “xylophone”/);
  await expect(page.locator("mark")).toHaveText("xylophone");
  await prompt.fill("three cats, ");
  await expect(page.locator("mark")).toHaveCount(0);
});

test("what the model can draw is drawn with one press; its card stands below", async ({ darkroom }) => {
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.steps.fill("2");
  const { page } = darkroom;
  await page.getByRole("button", { name: "What this model can draw" }).first().click();
  const about = page.getByRole("dialog", { name: "What Safelight 1 can draw" });
  await expect(about.getByRole("heading", { name: "What it cannot do" })).toBeVisible();
  await about.getByRole("button", { name: "pixel art", exact: true }).click();
  await expect(about).toBeHidden();
  await expect(darkroom.picture("a cat, pixel art")).toBeVisible();
});
