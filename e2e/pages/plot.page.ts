import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";

/** The dialog of X/Y/Z plots. */
export class PlotPage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly start: Locator;
  readonly cancel: Locator;
  readonly save: Locator;
  readonly close: Locator;

  constructor(readonly page: Page) {
    this.open = page.getByRole("button", { name: "X/Y/Z plot" });
    this.dialog = page.getByRole("dialog", { name: "X/Y/Z plot" });
    this.start = this.dialog.getByRole("button", { name: "Plot", exact: true });
    this.cancel = this.dialog.getByRole("button", { name: "Cancel plot" });
    this.save = this.dialog.getByRole("button", { name: "Save plot" });
    this.close = this.dialog.getByRole("button", { name: "Close" });
  }

  grid(done: number, total: number): Locator {
    return this.dialog.getByRole("img", { name: `Plot, ${done} of ${total} pictures` });
  }

  async axis(name: "X" | "Y" | "Z", setting: string, values: string): Promise<void> {
    await this.dialog.getByRole("combobox", { name: `${name} setting` }).selectOption({ label: setting });
    await this.dialog.getByRole("textbox", { name: `${name} values` }).fill(values);
  }

  /** Selects an axis's values with the mouse, which is let go beside the dialog. */
  async selectBeyond(name: "X" | "Y" | "Z"): Promise<void> {
    const box = await this.dialog.getByRole("textbox", { name: `${name} values` }).boundingBox();
    if (!box) throw new Error("The axis has no values.");
    const { mouse } = this.page;
    await mouse.move(box.x + box.width / 2, box.y + box.height / 2);
    await mouse.down();
    await mouse.move(1, 1, { steps: 3 });
    await mouse.up();
  }

  async download(): Promise<{ name: string; bytes: Buffer }> {
    const downloading = this.page.waitForEvent("download");
    await this.save.click();
    const download = await downloading;
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }
}
