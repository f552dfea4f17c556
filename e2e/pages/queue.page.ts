import type { Locator, Page } from "@playwright/test";

/** The panel of what runs and what waits. */
export class QueuePage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly items: Locator;
  readonly cancelAll: Locator;
  readonly notify: Locator;
  readonly close: Locator;

  constructor(page: Page) {
    this.open = page.getByRole("button", { name: /^Queue/ });
    this.dialog = page.getByRole("dialog", { name: "Queue" });
    this.items = this.dialog.getByRole("list", { name: "Runs" }).getByRole("listitem");
    this.cancelAll = this.dialog.getByRole("button", { name: "Cancel all" });
    this.notify = this.dialog.getByRole("checkbox", { name: /^Notify me/ });
    this.close = this.dialog.getByRole("button", { name: "Close" });
  }

  button(action: "Earlier" | "Later" | "Cancel", prompt: string): Locator {
    return this.dialog.getByRole("button", { name: new RegExp(`^${action}: ${prompt}, seed`) });
  }
}
