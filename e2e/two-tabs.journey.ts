import { expect, test } from "./fixtures.ts";
import { DarkroomPage } from "./pages/darkroom.page.ts";
import { UnfinishedPage } from "./pages/unfinished.page.ts";

test("two tabs: one runs at a time, the other says so and waits for its turn", async ({ darkroom, context }) => {
  const other = new DarkroomPage(await context.newPage());
  const waits = other.page.getByText("Another tab is generating.");
  await darkroom.open();
  await other.open();
  await darkroom.fill({ prompt: "a red apple", steps: 300 });
  await darkroom.generate.click();
  await expect(darkroom.step(1, 300)).toBeAttached();

  await other.chooseSmallestSize();
  await other.fill({ prompt: "a yellow pear", steps: 2 });
  await other.generate.click();
  await expect(waits).toBeVisible();
  await expect(other.denoising).toBeHidden();
  // The run of a tab that lives is not taken for one that was broken off.
  await expect(new UnfinishedPage(other.page).notice).toBeEmpty();

  await darkroom.page.close();
  await expect(other.picture("a yellow pear")).toBeVisible();
  await expect(waits).toBeHidden();

  await expect(other.page.getByRole("button", { name: "Gallery (1)" })).toBeVisible();

  // Nor is the run of the closed tab lost.
  await expect(new UnfinishedPage(other.page).notice).toContainText(/interrupted after step \d+ of 300: a red apple/);
});
