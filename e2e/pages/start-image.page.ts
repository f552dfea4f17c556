import type { Locator, Page } from "@playwright/test";

/** The picture that a run starts from: by the prompt, and among the settings how it fills the size. */
export class StartImagePage {
  /** by the prompt */
  readonly section: Locator;
  /** among the settings */
  readonly settings: Locator;
  readonly file: Locator;
  readonly thumbnail: Locator;
  readonly remove: Locator;
  readonly strength: Locator;
  readonly size: Locator;
  readonly use: Locator;

  constructor(readonly page: Page) {
    this.section = page.getByRole("region", { name: "Start image" });
    this.settings = page.locator(".start-image");
    this.file = page.getByLabel("Start image file");
    this.thumbnail = this.section.getByRole("img", { name: /^Start image: / });
    this.remove = this.section.getByRole("button", { name: "Remove the start image" });
    this.strength = this.section.getByRole("slider", { name: "Strength" });
    this.size = page.getByRole("combobox", { name: "Size" });
    this.use = page.getByRole("button", { name: "Use as start image" });
  }

  async choose(name: string, mimeType: string, buffer: Buffer): Promise<void> {
    await this.file.setInputFiles({ name, mimeType, buffer });
  }

  /** As a file that is let go over the page, or as one in the clipboard. */
  async give(how: "drop" | "paste", name: string, mimeType: string, bytes: Buffer): Promise<void> {
    await this.page.evaluate(
      ({ how, name, mimeType, base64 }) => {
        const data = new DataTransfer();
        data.items.add(new File([Uint8Array.from(atob(base64), (c) => c.charCodeAt(0))], name, { type: mimeType }));
        const event =
          how === "drop"
            ? new DragEvent("drop", { dataTransfer: data, bubbles: true, cancelable: true })
            : new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
        document.body.dispatchEvent(event);
      },
      { how, name, mimeType, base64: bytes.toString("base64") },
    );
  }

  /** A picture of two halves, the left one red and the right one blue, with a white square in the middle, as a file of the browser's. */
  async halves(width: number, height: number, type: "image/png" | "image/jpeg"): Promise<Buffer> {
    const base64 = await this.page.evaluate(
      async ({ width, height, type }) => {
        const canvas = new OffscreenCanvas(width, height);
        const context = canvas.getContext("2d");
        if (!context) throw new Error("no 2d context");
        context.fillStyle = "#c02020";
        context.fillRect(0, 0, width / 2, height);
        context.fillStyle = "#2020c0";
        context.fillRect(width / 2, 0, width / 2, height);
        context.fillStyle = "#fff";
        context.fillRect(width / 2 - height / 6, height / 3, height / 3, height / 3);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type, quality: 1 })).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      },
      { width, height, type },
    );
    return Buffer.from(base64, "base64");
  }
}

/** The JPEG file with an EXIF orientation (1 to 8) put in front of its other segments. */
export function withOrientation(jpeg: Buffer, orientation: number): Buffer {
  const tiff = Buffer.from([
    ...[0x4d, 0x4d, 0, 42, 0, 0, 0, 8], // big-endian, the first directory at 8
    ...[0, 1, 0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, orientation, 0, 0], // one entry: orientation, a short
    ...[0, 0, 0, 0], // no further directory
  ]);
  const body = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const head = Buffer.from([0xff, 0xe1, 0, body.length + 2]);
  return Buffer.concat([jpeg.subarray(0, 2), head, body, jpeg.subarray(2)]);
}
