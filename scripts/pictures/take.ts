/** A screenshot, scaled down and compressed by the browser itself, as a file that the page and the README show. */
import { writeFile } from "node:fs/promises";
import type { Locator, Page } from "@playwright/test";

/** Pixels across, at most: about twice what the help gives a picture. */
const WIDTH = 960;
const QUALITY = 0.7;
/** bytes of one picture, at most: the repository and a visitor's line are to stay light */
const MOST = 60_000;

/** pixels */
export interface Size {
  width: number;
  height: number;
}

/** Writes a part of the page, or all of it, as WebP. @throws Error when it is larger than it may be */
export async function takePicture(page: Page, file: string, part?: Locator): Promise<Size> {
  // A press leaves the pointer, and with it a highlight or a tooltip, on what was pressed.
  await page.mouse.move(0, 0);
  const png = await (part ?? page).screenshot({ animations: "disabled" });
  const { base64, ...size } = await page.evaluate(
    async ([source, width, quality]) => {
      const bytes = Uint8Array.from(atob(source), (one) => one.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes]));
      const scale = Math.min(1, width / image.width);
      const canvas = new OffscreenCanvas(Math.round(image.width * scale), Math.round(image.height * scale));
      const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.imageSmoothingQuality = "high";
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await canvas.convertToBlob({ type: "image/webp", quality });
      const base64 = btoa(
        Array.from(new Uint8Array(await blob.arrayBuffer()), (one) => String.fromCharCode(one)).join(""),
      );
      return { base64, width: canvas.width, height: canvas.height };
    },
    [png.toString("base64"), WIDTH, QUALITY] as const,
  );
  const webp = Buffer.from(base64, "base64");
  if (webp.length > MOST) throw new Error(`${file} takes ${webp.length} bytes; show less of the page.`);
  await writeFile(file, webp);
  console.log(`${file}: ${webp.length} bytes`);
  return size;
}
