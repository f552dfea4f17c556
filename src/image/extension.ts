/** Outpainting: where a picture lies on a larger canvas, and what of that is to be painted. */
import type { ModelInfo, Picture } from "../../workers/protocol";
import type { Box, Size } from "./placement";

/** One side, whose canvas grows; or all of them, where the picture shrinks on a canvas of the same size (zoom out). */
export type Side = "left" | "right" | "top" | "bottom" | "all";

export interface Extension {
  size: Size;
  /** where the picture lies on it */
  place: Box;
}

/**
 * @param amount pixels for one side; for all of them how many times as much is seen, more than 1
 * @throws Error in one sentence where the model makes no such size
 */
export function extension(size: Size, side: Side, amount: number, info: Pick<ModelInfo, "maxSize">): Extension {
  const { width, height } = size;
  if (side === "all") {
    const inner = { width: Math.round(width / amount), height: Math.round(height / amount) };
    const x = Math.floor((width - inner.width) / 2);
    const y = Math.floor((height - inner.height) / 2);
    return { size, place: { x, y, ...inner } };
  }
  const across = side === "left" || side === "right";
  const grown = across ? { width: width + amount, height } : { width, height: height + amount };
  const longest = across ? grown.width : grown.height;
  if (longest > info.maxSize) {
    throw new Error(
      `That is ${longest} pixels ${across ? "wide" : "high"}, and the model makes ${info.maxSize} at most; extend by less, or zoom out.`,
    );
  }
  return { size: grown, place: { x: side === "left" ? amount : 0, y: side === "top" ? amount : 0, width, height } };
}

/** White around the picture, black on it. */
export function extensionMask({ size: { width, height }, place }: Extension): Picture {
  const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
  for (let y = place.y; y < place.y + place.height; y++) {
    for (let x = place.x; x < place.x + place.width; x++) {
      const at = (y * width + x) * 4;
      rgba.fill(0, at, at + 3);
    }
  }
  return { width, height, rgba };
}
