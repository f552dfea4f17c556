import { readFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";

export interface SavedFile {
  name: string;
  bytes: Buffer;
}

/** The save dialog of the picture that is looked at. */
export class SavePage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly save: Locator;
  readonly cancel: Locator;
  readonly close: Locator;
  readonly progress: Locator;
  readonly quality: Locator;
  readonly shows: Locator;
  readonly drawnBy: Locator;
  readonly speed: Locator;

  constructor(readonly page: Page) {
    this.open = page.getByRole("button", { name: "Save as" });
    this.dialog = page.getByRole("dialog", { name: "Save" });
    this.save = this.dialog.getByRole("button", { name: "Save", exact: true });
    this.cancel = this.dialog.getByRole("button", { name: "Cancel saving" });
    this.close = this.dialog.getByRole("button", { name: "Close" });
    this.progress = this.dialog.getByRole("progressbar", { name: "Saving" });
    this.quality = this.dialog.getByRole("slider", { name: /^Quality/ });
    this.shows = this.dialog.getByRole("combobox", { name: "Each step shows" });
    this.drawnBy = this.dialog.getByRole("combobox", { name: "Drawn by" });
    this.speed = this.dialog.getByRole("combobox", { name: "Steps a second" });
  }

  async choose(kind: "PNG" | "JPEG" | "WebP" | "Contact sheet" | "Time-lapse video"): Promise<void> {
    await this.dialog.getByRole("radio", { name: kind }).check();
  }

  /** Presses Save and reads the file that comes of it. */
  async download(): Promise<SavedFile> {
    const downloading = this.page.waitForEvent("download");
    await this.save.click();
    const download = await downloading;
    return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
  }

  /** Width, height and RGBA bytes of an image file, as the browser reads it. */
  async read({ bytes }: SavedFile): Promise<{ width: number; height: number; pixels: Buffer }> {
    const { width, height, data } = await this.page.evaluate(async (base64) => {
      const image = await createImageBitmap(new Blob([Uint8Array.from(atob(base64), (one) => one.charCodeAt(0))]));
      const canvas = new OffscreenCanvas(image.width, image.height);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no 2d context");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, image.width, image.height);
      let text = "";
      for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
      return { width: image.width, height: image.height, data: btoa(text) };
    }, bytes.toString("base64"));
    return { width, height, pixels: Buffer.from(data, "base64") };
  }
}
