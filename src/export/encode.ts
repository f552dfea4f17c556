/** A picture in another file format, encoded by the browser. */

export type PictureFormat = "png" | "jpeg" | "webp";

export const FORMAT_NAMES: Record<PictureFormat, string> = { png: "PNG", jpeg: "JPEG", webp: "WebP" };

/**
 * @param quality 1 to 100
 * @throws Error where the browser does not encode the format
 */
export async function encodePicture(png: Blob, format: "jpeg" | "webp", quality: number): Promise<Blob> {
  const image = await createImageBitmap(png);
  const canvas = new OffscreenCanvas(image.width, image.height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas, which encoding needs. Reload the page.");
  context.drawImage(image, 0, 0);
  image.close();
  const type = `image/${format}`;
  const blob = await canvas.convertToBlob({ type, quality: quality / 100 });
  // A browser that cannot encode the format answers with a PNG.
  if (blob.type !== type) throw new Error(`This browser cannot encode ${FORMAT_NAMES[format]}; choose PNG or JPEG.`);
  return blob;
}
