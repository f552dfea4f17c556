import type { Locator, Page } from "@playwright/test";

/** Runs that were broken off, and what the page offers. */
export class UnfinishedPage {
  readonly notice: Locator;
  readonly goOn: Locator;
  readonly discard: Locator;

  constructor(readonly page: Page) {
    this.notice = page.getByRole("status", { name: "Unfinished runs" });
    this.goOn = this.notice.getByRole("button", { name: "Resume" });
    this.discard = this.notice.getByRole("button", { name: "Discard" });
  }

  /** Starts a run, and loads the page again the moment that a step appears, from within the page: a step may be shorter than the way from here. */
  async reloadAtStep(number: number, total: number, start: () => Promise<void>): Promise<void> {
    const reloaded = this.page.waitForEvent("load");
    await this.page.evaluate((label) => {
      // The strip may still hold the steps of the picture before.
      let gone = false;
      new MutationObserver((_, observer) => {
        const there = document.querySelector(`[role="option"][aria-label="${label}"]`) !== null;
        gone ||= !there;
        if (!gone || !there) return;
        observer.disconnect();
        location.reload();
      }).observe(document.body, { subtree: true, childList: true });
    }, `Step ${number} of ${total}`);
    await start();
    await reloaded;
  }
}
