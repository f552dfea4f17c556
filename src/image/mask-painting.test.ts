import { describe, expect, test } from "vitest";
import { createMaskPainting } from "./mask-painting";

const size = { width: 32, height: 24 };
const count = (pixels: Uint8Array) => pixels.reduce((sum, value) => sum + value, 0);

describe("a brush", () => {
  test("covers a disc of its radius, and a line with round ends", () => {
    const mask = createMaskPainting(size, null);
    mask.stroke({ x: 10, y: 10 }, { x: 10, y: 10 }, 5, false);
    expect(Math.abs(count(mask.pixels) - Math.PI * 25)).toBeLessThan(6);
    mask.stroke({ x: 10, y: 10 }, { x: 20, y: 10 }, 5, false);
    expect(Math.abs(count(mask.pixels) - (Math.PI * 25 + 100))).toBeLessThan(8);
    expect(mask.pixels[10 * 32 + 24]).toBe(1);
    expect(mask.pixels[10 * 32 + 25]).toBe(0);
  });

  test("at the border paints what is inside, and the eraser takes it away", () => {
    const mask = createMaskPainting(size, null);
    mask.stroke({ x: -3, y: -3 }, { x: 40, y: -3 }, 6, false);
    expect(mask.pixels[0]).toBe(1);
    mask.stroke({ x: 0, y: 0 }, { x: 32, y: 0 }, 9, true);
    expect(mask.isEmpty).toBe(true);
  });
});

test("strokes, invert and clear are undone and done again, one by one; a new stroke ends what was undone", () => {
  const mask = createMaskPainting(size, null);
  const dab = (x: number) => {
    mask.stroke({ x, y: 12 }, { x, y: 12 }, 2, false);
    mask.commit();
    return mask.pixels.slice();
  };
  const first = dab(5);
  const second = dab(15);
  mask.invert();
  expect(count(mask.pixels)).toBe(32 * 24 - count(second));
  mask.undo();
  expect(mask.pixels).toEqual(second);
  mask.undo();
  expect(mask.pixels).toEqual(first);
  mask.redo();
  mask.redo();
  expect(mask.canRedo).toBe(false);
  mask.undo();
  mask.undo();
  dab(25);
  expect(mask.canRedo).toBe(false);
  mask.clear();
  expect(mask.isEmpty).toBe(true);
  mask.clear(); // changes nothing, so there is nothing to undo
  mask.undo();
  expect(mask.isEmpty).toBe(false);
});

test("what was painted comes back from its picture", () => {
  const mask = createMaskPainting(size, null);
  mask.stroke({ x: 10, y: 10 }, { x: 20, y: 15 }, 3, false);
  expect(createMaskPainting(size, mask.toPicture()).pixels).toEqual(mask.pixels);
});

test("it tells whether anything was changed since it was opened", () => {
  const mask = createMaskPainting(size, null);
  expect(mask.changed).toBe(false);
  mask.stroke({ x: 10, y: 10 }, { x: 20, y: 15 }, 3, false);
  mask.commit();
  expect(mask.changed).toBe(true);
  mask.undo();
  expect(mask.changed).toBe(false);
  const again = createMaskPainting(size, mask.toPicture());
  expect(again.changed).toBe(false);
  again.invert();
  expect(again.changed).toBe(true);
});
