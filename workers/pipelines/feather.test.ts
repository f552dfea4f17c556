import { describe, expect, test } from "vitest";
import type { Picture } from "../protocol.ts";
import { composite, featherMask } from "./feather.ts";

const [WIDTH, HEIGHT] = [48, 40];
const at = (x: number, y: number) => y * WIDTH + x;

/** A square of 8 pixels from (20, 16) on. */
function square(): Uint8Array {
  const mask = new Uint8Array(WIDTH * HEIGHT);
  for (let y = 16; y < 24; y++) mask.fill(1, at(20, y), at(28, y));
  return mask;
}

describe("a feathered mask", () => {
  test("without feather is the mask itself", () => {
    expect(featherMask(square(), WIDTH, HEIGHT, 0)).toEqual(Float32Array.from(square()));
  });

  test.each([1, 3, 4, 8, 11])("of %i pixels is 1 inside, falls outwards, and is exactly 0 beyond", (reach) => {
    const soft = featherMask(square(), WIDTH, HEIGHT, reach);
    for (let y = 16; y < 24; y++) for (let x = 20; x < 28; x++) expect(soft[at(x, y)]).toBeCloseTo(1, 6);
    for (let x = 28; x < WIDTH; x++) expect(soft[at(x, 20)]).toBeLessThanOrEqual(soft[at(x - 1, 20)]);
    expect(soft[at(27 + reach, 20)]).toBeGreaterThan(0);
    for (let y = 0; y < HEIGHT; y++) {
      for (let x = 0; x < WIDTH; x++) {
        const away = Math.max(20 - x, x - 27, 16 - y, y - 23);
        if (away > reach) expect(soft[at(x, y)]).toBe(0);
      }
    }
  });

  test("lies as far above as below, left as right", () => {
    const soft = featherMask(square(), WIDTH, HEIGHT, 8);
    for (let away = 1; away <= 9; away++) {
      expect(soft[at(19 - away + 1, 20)]).toBeCloseTo(soft[at(27 + away, 20)], 6);
      expect(soft[at(24, 15 - away + 1)]).toBeCloseTo(soft[at(24, 23 + away)], 6);
    }
  });
});

test("a composite is the old picture where the share is 0, the new one where it is 1, and half of each in between", () => {
  const filled = (value: number): Picture => ({
    width: 3,
    height: 1,
    rgba: new Uint8ClampedArray([value, value, value, 255, value, value, value, 255, value, value, value, 255]),
  });
  const { rgba } = composite(filled(200), filled(100), Float32Array.of(0, 0.5, 1), () => 0);
  expect([rgba[0], rgba[4], rgba[8]]).toEqual([100, 150, 200]);
});
