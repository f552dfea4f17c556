import { describe, expect, test } from "vitest";
import { placement } from "./placement";

const frame = { width: 256, height: 128 };

describe("crop", () => {
  test("a tall picture loses its top and bottom, in equal parts", () => {
    expect(placement({ width: 512, height: 1024 }, frame, "crop")).toEqual({
      from: { x: 0, y: 384, width: 512, height: 256 },
      to: { x: 0, y: 0, ...frame },
    });
  });
  test("a wide picture loses its sides", () => {
    expect(placement({ width: 600, height: 100 }, frame, "crop").from).toEqual({
      x: 200,
      y: 0,
      width: 200,
      height: 100,
    });
  });
});

describe("fit", () => {
  test("a tall picture stands in the middle, whole", () => {
    expect(placement({ width: 512, height: 1024 }, frame, "fit")).toEqual({
      from: { x: 0, y: 0, width: 512, height: 1024 },
      to: { x: 96, y: 0, width: 64, height: 128 },
    });
  });
  test("a line keeps a pixel", () => {
    expect(placement({ width: 4000, height: 1 }, frame, "fit").to).toEqual({ x: 0, y: 63, width: 256, height: 1 });
  });
});

test.each(["crop", "fit"] as const)("of the frame's own size, %s changes nothing", (fit) => {
  expect(placement(frame, frame, fit)).toEqual({ from: { x: 0, y: 0, ...frame }, to: { x: 0, y: 0, ...frame } });
});
