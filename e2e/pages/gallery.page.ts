import { type Locator, type Page, expect as playwrightExpect } from "@playwright/test";

/** What is to be kept may have to load its model again first, on a slow machine; nothing here asserts how long. */
const expect = playwrightExpect.configure({ timeout: 600_000 });

/** The gallery dialog, by the names that a screen reader hears. */
export class GalleryPage {
  readonly dialog: Locator;
  readonly search: Locator;
  /** the kept pictures */
  readonly tiles: Locator;

  constructor(readonly page: Page) {
    this.dialog = page.getByRole("dialog");
    this.search = this.dialog.getByRole("searchbox", { name: "Search the prompts" });
    this.tiles = this.dialog.getByRole("list", { name: "Kept pictures" }).getByRole("listitem");
  }

  async open(): Promise<void> {
    await this.page.getByRole("button", { name: /^Gallery/ }).click();
    await expect(this.search).toBeVisible();
  }

  /** Waits until so many pictures are kept; shown beside the button. */
  async kept(count: number): Promise<void> {
    await expect(this.page.getByRole("button", { name: count > 0 ? `Gallery (${count})` : "Gallery" })).toBeVisible();
  }

  tile(prompt: string, seed: number): Locator {
    return this.tiles.getByRole("button", { name: `Open: ${prompt}, seed ${seed}` });
  }

  async choose(prompt: string, seed: number): Promise<void> {
    await this.tiles.getByRole("checkbox", { name: `Choose: ${prompt}, seed ${seed}` }).check();
  }

  button(name: string): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  async close(): Promise<void> {
    await this.button("Close").click();
  }
}
