import { expect, test } from "vitest";
import { extension, extensionMask, type Side } from "./extension";

const size = { width: 256, height: 128 };
const info = { maxSize: 512 };

test.each<[Side, number, object, object]>([
  ["left", 64, { width: 320, height: 128 }, { x: 64, y: 0 }],
  ["right", 64, { width: 320, height: 128 }, { x: 0, y: 0 }],
  ["top", 32, { width: 256, height: 160 }, { x: 0, y: 32 }],
  ["bottom", 32, { width: 256, height: 160 }, { x: 0, y: 0 }],
])("to the %s the canvas grows and the picture stays as it is", (side, amount, grown, place) => {
  expect(extension(size, side, amount, info)).toEqual({ size: grown, place: { ...place, ...size } });
});

test("to all sides the picture shrinks in the middle of a canvas of its size", () => {
  expect(extension(size, "all", 2, info)).toEqual({ size, place: { x: 64, y: 32, width: 128, height: 64 } });
});

test("a size that the model does not make is refused with the remedy", () => {
  expect(() => extension(size, "left", 320, info)).toThrow(/576 pixels wide.*512 at most; extend by less, or zoom out/);
});

test("the mask is white where there was no picture", () => {
  const extended = extension(size, "left", 64, info);
  const { rgba } = extensionMask(extended);
  const at = (x: number, y: number) => rgba[(y * 320 + x) * 4];
  expect([at(0, 0), at(63, 127), at(64, 0), at(319, 127)]).toEqual([255, 255, 0, 0]);
});
