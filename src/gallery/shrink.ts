/** Longer side of a thumbnail, in pixels: twice the grid's cells, for dense screens. */
const SIDE = 320;

/** A small WebP of a picture. @throws DOMException for what is no picture */
export async function shrink(picture: Blob): Promise<Blob> {
  const full = await createImageBitmap(picture);
  const scale = Math.min(1, SIDE / Math.max(full.width, full.height));
  const canvas = new OffscreenCanvas(
    Math.max(Math.round(full.width * scale), 1),
    Math.max(Math.round(full.height * scale), 1),
  );
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas, which a thumbnail needs. Reload the page.");
  context.imageSmoothingQuality = "high";
  context.drawImage(full, 0, 0, canvas.width, canvas.height);
  full.close();
  return canvas.convertToBlob({ type: "image/webp", quality: 0.85 });
}
