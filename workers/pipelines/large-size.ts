import type { HighResolution, Settings } from "../protocol.ts";

/** Width and height of a picture of two passes, in pixels. */
export function largeSize(
  { width, height }: Pick<Settings, "width" | "height">,
  { scale }: HighResolution,
  sizeMultiple: number,
) {
  const side = (length: number) => Math.round((length * scale) / sizeMultiple) * sizeMultiple;
  return { width: side(width), height: side(height) };
}
