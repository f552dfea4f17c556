/** A mask as it is painted: strokes, eraser, and every one of them undone. Knows no DOM. */
import type { Picture } from "../../workers/protocol";
import type { Size } from "./placement";

export interface Point {
  x: number;
  y: number;
}

export interface MaskPainting {
  /** row-major, 1 where the picture is regenerated */
  readonly pixels: Uint8Array;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
  readonly isEmpty: boolean;
  /** whether it differs from the mask that it began with */
  readonly changed: boolean;
  /** Paints (or erases) a line with a round brush; pixels whose middle the brush covers. Kept by `commit`. */
  stroke(from: Point, to: Point, radius: number, erase: boolean): void;
  /** Ends a stroke: it can be undone from now on. */
  commit(): void;
  invert(): void;
  clear(): void;
  undo(): void;
  redo(): void;
  toPicture(): Picture;
}

/** So many changes can be undone. */
const MOST_CHANGES = 50;

/** @param mask what is painted already, of that size */
export function createMaskPainting({ width, height }: Size, mask: Picture | null): MaskPainting {
  let pixels = new Uint8Array(width * height);
  if (mask) pixels = pixels.map((_, i) => (mask.rgba[i * 4] >= 128 ? 1 : 0));
  const first = pixels.slice();
  let done: Uint8Array<ArrayBuffer>[] = [first];
  let undone: Uint8Array<ArrayBuffer>[] = [];

  const commit = () => {
    const last = done[done.length - 1];
    if (last.every((value, i) => value === pixels[i])) return;
    done = [...done, pixels.slice()].slice(-MOST_CHANGES - 1);
    undone = [];
  };

  return {
    get pixels() {
      return pixels;
    },
    get canUndo() {
      return done.length > 1;
    },
    get canRedo() {
      return undone.length > 0;
    },
    get isEmpty() {
      return !pixels.includes(1);
    },
    get changed() {
      return pixels.some((value, i) => value !== first[i]);
    },
    stroke(from, to, radius, erase) {
      const value = erase ? 0 : 1;
      const [dx, dy] = [to.x - from.x, to.y - from.y];
      const length = dx * dx + dy * dy;
      const between = (a: number, b: number, most: number) => ({
        first: Math.max(0, Math.floor(Math.min(a, b) - radius)),
        last: Math.min(most - 1, Math.ceil(Math.max(a, b) + radius)),
      });
      const rows = between(from.y, to.y, height);
      const columns = between(from.x, to.x, width);
      for (let y = rows.first; y <= rows.last; y++) {
        for (let x = columns.first; x <= columns.last; x++) {
          const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
          const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
          if ((px - along * dx) ** 2 + (py - along * dy) ** 2 <= radius * radius) pixels[y * width + x] = value;
        }
      }
    },
    commit,
    invert() {
      pixels = pixels.map((value) => 1 - value);
      commit();
    },
    clear() {
      pixels = new Uint8Array(width * height);
      commit();
    },
    undo() {
      const [last] = done.slice(-1);
      if (done.length < 2) return;
      undone = [...undone, last];
      done = done.slice(0, -1);
      pixels = done[done.length - 1].slice();
    },
    redo() {
      const [next] = undone.slice(-1);
      if (!next) return;
      undone = undone.slice(0, -1);
      done = [...done, next];
      pixels = next.slice();
    },
    toPicture() {
      const rgba = new Uint8ClampedArray(width * height * 4).fill(255);
      for (let i = 0; i < pixels.length; i++) if (!pixels[i]) rgba.fill(0, i * 4, i * 4 + 3);
      return { width, height, rgba };
    },
  };
}
