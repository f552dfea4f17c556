/** Pictures as the browser reads, resizes and draws them. */
import type { Picture } from "../../workers/protocol";
import type { Extension } from "./extension";
import { type Fit, placement, type Size } from "./placement";
import type { Source } from "./start-image";

const UNREADABLE = "is not a picture that this browser can read; choose a PNG, JPEG, WebP, AVIF or GIF file.";

/**
 * Reads a picture file, turned as its EXIF orientation says.
 * @throws Error in one sentence when the bytes are no picture
 */
export async function readPicture(file: Blob, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image" });
  } catch {
    throw new Error(`${name} ${UNREADABLE}`);
  }
}

/** The picture at another size, with the browser's best resampling; off the main thread. Of the same size it is the same, pixel for pixel. */
export async function fitPicture(source: ImageBitmap, width: number, height: number, fit: Fit): Promise<Picture> {
  const { from, to } = placement(source, { width, height }, fit);
  const scaled = await createImageBitmap(source, from.x, from.y, from.width, from.height, {
    resizeWidth: to.width,
    resizeHeight: to.height,
    resizeQuality: "high",
  });
  const context = contextOf(width, height);
  context.fillStyle = "#fff"; // transparent pictures stand on white
  context.fillRect(0, 0, width, height);
  stretchEdges(context, scaled, to);
  context.drawImage(scaled, to.x, to.y);
  scaled.close();
  return { width, height, rgba: context.getImageData(0, 0, width, height).data };
}

/** Fills what lies around the picture with its outermost pixels. */
export function stretchEdges(
  context: OffscreenCanvasRenderingContext2D,
  picture: ImageBitmap,
  { x, y, width, height }: { x: number; y: number; width: number; height: number },
): void {
  const { width: wide, height: tall } = context.canvas;
  context.imageSmoothingEnabled = false;
  const columns = [
    [0, 1, 0, x],
    [0, width, x, width],
    [width - 1, 1, x + width, wide - x - width],
  ];
  const rows = [
    [0, 1, 0, y],
    [0, height, y, height],
    [height - 1, 1, y + height, tall - y - height],
  ];
  for (const [sx, sw, dx, dw] of columns) {
    for (const [sy, sh, dy, dh] of rows) {
      if (dw > 0 && dh > 0) context.drawImage(picture, sx, sy, sw, sh, dx, dy, dw, dh);
    }
  }
}

export function contextOf(width: number, height: number): OffscreenCanvasRenderingContext2D {
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("The browser gives no canvas, which reading a picture needs. Reload the page.");
  return context;
}

/** A mask at another size, without smoothing: what was white stays white. */
export function resizeMask(mask: Picture, { width, height }: Size): Picture {
  if (mask.width === width && mask.height === height) return mask;
  const whole = contextOf(mask.width, mask.height);
  whole.putImageData(new ImageData(mask.rgba, mask.width, mask.height), 0, 0);
  const context = contextOf(width, height);
  context.imageSmoothingEnabled = false;
  context.drawImage(whole.canvas, 0, 0, width, height);
  return { width, height, rgba: context.getImageData(0, 0, width, height).data };
}

/** The picture on a larger canvas, its edges stretched over the new room. Where its size stays, so do its pixels. */
export async function extendPicture(picture: Picture, { size, place }: Extension, name: string): Promise<Source> {
  const whole = await createImageBitmap(new ImageData(picture.rgba, picture.width, picture.height));
  const same = place.width === picture.width && place.height === picture.height;
  const scaled = same
    ? whole
    : await createImageBitmap(whole, {
        resizeWidth: place.width,
        resizeHeight: place.height,
        resizeQuality: "high",
      });
  const context = contextOf(size.width, size.height);
  stretchEdges(context, scaled, place);
  const file = await context.canvas.convertToBlob({ type: "image/png" });
  return { bitmap: await createImageBitmap(file), name, file };
}
