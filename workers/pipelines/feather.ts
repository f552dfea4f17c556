/** Where a mask's edge is blended, and the result put into the picture that it came from. */
import type { Picture } from "../protocol.ts";
import type { Correction } from "./match-edge.ts";

/**
 * How much of the new picture each pixel shows, 0 to 1: 1 inside the mask, falling to 0 at `reach` pixels from it, and exactly 0 from
 * there on. Two box blurs of a mask that was widened by half the reach.
 * @param mask 1 is made anew, 0 is kept; row-major
 */
export function featherMask(mask: Uint8Array, width: number, height: number, reach: number): Float32Array {
  const radius = Math.floor(reach / 4);
  const grown = widen(mask, width, height, reach - 2 * radius);
  let soft = Float32Array.from(grown);
  for (let pass = 0; pass < 2 && radius > 0; pass++) {
    soft = boxBlur(soft, { count: height, step: width }, { count: width, step: 1 }, radius);
    soft = boxBlur(soft, { count: width, step: 1 }, { count: height, step: width }, radius);
  }
  return soft;
}

/** The mask and all pixels at most so far from it, along rows and columns. */
function widen(mask: Uint8Array, width: number, height: number, by: number): Uint8Array {
  if (by <= 0) return mask;
  const spread = (from: Uint8Array, lines: Line, along: Line) => {
    const out = new Uint8Array(from.length);
    for (let line = 0; line < lines.count; line++) {
      let last = Number.NEGATIVE_INFINITY;
      for (let i = 0; i < along.count + by; i++) {
        if (i < along.count && from[line * lines.step + i * along.step]) last = i;
        const middle = i - by;
        if (middle >= 0 && i - last <= 2 * by) out[line * lines.step + middle * along.step] = 1;
      }
    }
    return out;
  };
  const rows = { count: height, step: width };
  const columns = { count: width, step: 1 };
  return spread(spread(mask, rows, columns), columns, rows);
}

interface Line {
  count: number;
  /** from one to the next, in entries */
  step: number;
}

/** A mean over `2 radius + 1` entries along each line; beyond the ends the last entry goes on. */
function boxBlur(values: Float32Array, lines: Line, along: Line, radius: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  const span = 2 * radius + 1;
  for (let line = 0; line < lines.count; line++) {
    const at = (i: number) => values[line * lines.step + Math.min(Math.max(i, 0), along.count - 1) * along.step];
    for (let i = 0; i < along.count; i++) {
      let sum = 0;
      for (let k = -radius; k <= radius; k++) sum += at(i + k);
      out[line * lines.step + i * along.step] = sum / span;
    }
  }
  return out;
}

/**
 * `share` of the new picture, corrected, over the old one; where it is 0 the old pixel is kept as it is. Both of one size.
 * @param correction levels to add to the new picture
 */
export function composite(made: Picture, kept: Picture, share: Float32Array, correction: Correction): Picture {
  const rgba = kept.rgba.slice();
  for (let i = 0; i < share.length; i++) {
    const part = share[i];
    if (part === 0) continue;
    for (let c = 0; c < 3; c++) {
      const at = i * 4 + c;
      const value = made.rgba[at] + correction(i % kept.width, Math.floor(i / kept.width), c);
      rgba[at] = Math.round(kept.rgba[at] + part * (value - kept.rgba[at]));
    }
    rgba[i * 4 + 3] = 255;
  }
  return { width: kept.width, height: kept.height, rgba };
}
