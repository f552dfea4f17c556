import { readFile } from "node:fs/promises";
import { crc32 } from "node:zlib";
import type { Locator, Page } from "@playwright/test";

/** Settings from files and links: opening them, and what the page says of it. */
export class OpeningPage {
  readonly button: Locator;
  readonly notice: Locator;
  readonly unmapped: Locator;
  readonly copyLink: Locator;

  constructor(readonly page: Page) {
    this.button = page.getByRole("button", { name: "Open picture" });
    this.notice = page.getByRole("status", { name: "Opened settings" });
    this.unmapped = this.notice.getByRole("listitem");
    this.copyLink = page.getByRole("button", { name: "Copy link" });
  }

  async open(bytes: Buffer): Promise<void> {
    const choosing = this.page.waitForEvent("filechooser");
    await this.button.click();
    await (await choosing).setFiles({ name: "picture.png", mimeType: "image/png", buffer: bytes });
  }

  /** Drops or pastes a file as the browser does: an event with a DataTransfer. */
  async hand(how: "drop" | "paste", bytes: Buffer, name = "picture.png"): Promise<void> {
    await this.page.evaluate(
      ([type, base64, file]) => {
        const data = new DataTransfer();
        const array = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
        data.items.add(new File([array], file, { type: file.endsWith(".png") ? "image/png" : "" }));
        const options = { bubbles: true, cancelable: true };
        const event =
          type === "drop"
            ? new DragEvent("drop", { ...options, dataTransfer: data })
            : new ClipboardEvent("paste", { ...options, clipboardData: data });
        document.body.dispatchEvent(event);
      },
      [how, bytes.toString("base64"), name],
    );
  }

  async downloadPng(): Promise<Buffer> {
    const downloading = this.page.waitForEvent("download");
    await this.page.getByRole("button", { name: "Download PNG" }).click();
    return readFile(await (await downloading).path());
  }
}

/** The texts of a PNG file as a plain reader sees them. */
export function textsOf(png: Buffer): Record<string, string> {
  const texts: Record<string, string> = {};
  for (let at = 8; at < png.length; at += png.readUInt32BE(at) + 12) {
    const type = png.toString("latin1", at + 4, at + 8);
    const data = png.subarray(at + 8, at + 8 + png.readUInt32BE(at));
    const end = data.indexOf(0);
    if (type === "tEXt") texts[data.toString("latin1", 0, end)] = data.toString("latin1", end + 1);
    if (type === "iTXt") texts[data.toString("latin1", 0, end)] = data.toString("utf8", end + 5);
  }
  return texts;
}

/** A file of AUTOMATIC1111's: one pixel and its `parameters`. */
export function webuiFile(parameters: string): Buffer {
  const chunk = (type: string, data: Buffer) => {
    const typed = Buffer.concat([Buffer.from(type), data]);
    const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
    length.writeUInt32BE(data.length);
    checksum.writeUInt32BE(crc32(typed));
    return Buffer.concat([length, typed, checksum]);
  };
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    chunk("IHDR", Buffer.from([0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0])),
    chunk("tEXt", Buffer.from(`parameters\0${parameters}`, "latin1")),
    chunk("IEND", Buffer.alloc(0)),
  ]);
}

/** The same text in the EXIF of a JPEG without pixels, in UTF-16. */
export function webuiJpeg(parameters: string): Buffer {
  const text = Buffer.concat([Buffer.from("UNICODE\0"), Buffer.from(parameters, "utf16le").swap16()]);
  const entry = (tag: number, type: number, count: number, value: number) => {
    const bytes = Buffer.alloc(12);
    bytes.writeUInt16BE(tag, 0);
    bytes.writeUInt16BE(type, 2);
    bytes.writeUInt32BE(count, 4);
    bytes.writeUInt32BE(value, 8);
    return bytes;
  };
  const directory = (bytes: Buffer) => Buffer.concat([Buffer.from([0, 1]), bytes, Buffer.alloc(4)]);
  const tiff = Buffer.concat([
    Buffer.from("MM\0\x2a\0\0\0\x08", "latin1"),
    directory(entry(0x8769, 4, 1, 26)), // where the EXIF directory lies
    directory(entry(0x9286, 7, text.length, 44)), // UserComment
    text,
  ]);
  const segment = Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(segment.length + 2);
  return Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe1]), length, segment, Buffer.from([0xff, 0xd9])]);
}
