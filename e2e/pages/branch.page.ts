import type { Locator, Page } from "@playwright/test";

/** Setting up a branch, and what shows that a picture is one. */
export class BranchPage {
  readonly banner: Locator;
  readonly begin: Locator;
  readonly cancel: Locator;
  readonly noiseSeed: Locator;
  /** the way from a branch to its parent */
  readonly parent: Locator;

  constructor(page: Page) {
    this.banner = page.getByRole("region", { name: "Branch" });
    this.begin = page.getByRole("button", { name: "Branch", exact: true });
    this.cancel = page.getByRole("button", { name: "Cancel branch" });
    this.noiseSeed = page.getByRole("spinbutton", { name: "Noise seed" });
    this.parent = page.getByRole("button", { name: /^branch of picture/ });
  }
}
