import AxeBuilder from "@axe-core/playwright";
import { expect, test } from "./fixtures.ts";
import { QueuePage } from "./pages/queue.page.ts";

test("the queue: settings and time left, another order by button and by key, one cancelled, all cancelled", async ({
  darkroom,
  page,
}) => {
  const queue = new QueuePage(page);
  await darkroom.open();
  for (const [prompt, steps] of [
    ["apple", 500],
    ["pear", 2],
    ["plum", 2],
    ["cherry", 2],
  ] as const) {
    await darkroom.fill({ prompt, steps });
    await darkroom.generate.click();
  }
  await expect(darkroom.step(1, 500)).toBeAttached(); // of 500 none is wide enough to be seen
  await queue.open.click();
  await expect(queue.items).toHaveCount(4);
  await expect(queue.items.first()).toContainText(/appleStep \d+ of 500 · .+ left · seed \d+/);
  await expect(queue.items.nth(1)).toContainText(/pearQueued · .+ left · seed \d+ · .+, 2 steps · guidance .+ × /);
  await expect(queue.items.first().locator("canvas")).toBeVisible();

  await queue.button("Earlier", "cherry").click();
  await expect(queue.items).toContainText(["apple", "pear", "cherry", "plum"]);
  // The focus stays on the button that moved with its row.
  await expect(queue.button("Earlier", "cherry")).toBeFocused();
  await page.keyboard.press("Alt+ArrowDown");
  await expect(queue.items).toContainText(["apple", "pear", "plum", "cherry"]);
  await expect(queue.button("Earlier", "cherry")).toBeFocused();
  await page.keyboard.press("Alt+ArrowUp");
  await page.keyboard.press("Alt+ArrowUp");
  await expect(queue.items).toContainText(["apple", "cherry", "pear", "plum"]);
  await queue.button("Cancel", "pear").click();
  await expect(queue.items).toContainText(["apple", "cherry", "plum"]);

  for (const width of [1440, 768, 390]) {
    await page.setViewportSize({ width, height: 900 });
    const { violations } = await new AxeBuilder({ page }).include("dialog").analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`)).toEqual([]);
    await expect.poll(() => page.evaluate(() => document.documentElement.scrollWidth <= innerWidth)).toBe(true);
  }
  await page.setViewportSize({ width: 1440, height: 900 });

  // The running one ends, and the next is the one that was moved to the front.
  await queue.button("Cancel", "apple").click();
  await expect(queue.items).toContainText(["cherry", "plum"]);
  await expect(queue.items.first()).not.toContainText("Queued");
  await queue.cancelAll.click();
  await expect(queue.dialog.getByText("The queue is empty.")).toBeVisible();
  await queue.close.click();
  await expect(page.getByRole("button", { name: "Queue", exact: true })).toBeVisible();
});

test("a notification is asked for by a click, and comes when a long run ends while the page is hidden", async ({
  darkroom,
  page,
  context,
}) => {
  const queue = new QueuePage(page);
  await context.grantPermissions(["notifications"]);
  await page.addInitScript(() => {
    const shown: string[] = [];
    const asked = { times: 0 };
    class Recorder {
      static permission = "granted";
      static async requestPermission() {
        asked.times++;
        return "granted";
      }
      constructor(title: string, { body }: { body: string }) {
        shown.push(`${title}: ${body}`);
      }
    }
    // A long run here takes no time: the clock that the page reads goes faster.
    const now = performance.now.bind(performance);
    performance.now = () => now() * 1000;
    Object.assign(window, { Notification: Recorder, shownNotifications: shown, askedPermission: asked });
  });
  const shown = () => page.evaluate(() => (window as unknown as { shownNotifications: string[] }).shownNotifications);
  const asked = () =>
    page.evaluate(() => (window as unknown as { askedPermission: { times: number } }).askedPermission.times);
  await darkroom.open();
  expect(await asked()).toBe(0);
  await queue.open.click();
  await queue.notify.check();
  expect(await asked()).toBe(1);
  await queue.close.click();

  await darkroom.chooseSmallestSize();
  await darkroom.make({ prompt: "seen", steps: 2 });
  await page.evaluate(() => Object.defineProperty(document, "hidden", { get: () => true }));
  await darkroom.make({ prompt: "elsewhere", steps: 2 });
  expect(await shown()).toEqual(["The picture is done: elsewhere"]);
});
