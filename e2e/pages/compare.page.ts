import type { Locator, Page } from "@playwright/test";

/** The comparison of two pictures. */
export class ComparePage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly other: Locator;
  readonly boundary: Locator;

  constructor(page: Page) {
    this.open = page.getByRole("button", { name: "Compare", exact: true });
    this.dialog = page.getByRole("dialog", { name: "Compare" });
    this.other = this.dialog.getByRole("combobox");
    this.boundary = this.dialog.getByRole("slider", { name: /^Boundary/ });
  }

  mode(name: "Side by side" | "Slider"): Locator {
    return this.dialog.getByRole("radio", { name });
  }

  picture(name: string): Locator {
    return this.dialog.getByRole("img", { name });
  }
}
