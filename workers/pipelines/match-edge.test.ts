import { describe, expect, test } from "vitest";
import type { Picture } from "../protocol.ts";
import { composite, featherMask } from "./feather.ts";
import { matchEdge } from "./match-edge.ts";

const [WIDTH, HEIGHT, FEATHER] = [128, 96, 8];

type Tone = (x: number, y: number) => readonly [number, number, number];

function painted(tone: Tone): Picture {
  const rgba = new Uint8ClampedArray(WIDTH * HEIGHT * 4).fill(255);
  for (let i = 0; i < WIDTH * HEIGHT; i++) rgba.set(tone(i % WIDTH, Math.floor(i / WIDTH)), i * 4);
  return { width: WIDTH, height: HEIGHT, rgba };
}

function shareOf(masked: (x: number, y: number) => boolean, feather = FEATHER): Float32Array {
  const mask = Uint8Array.from({ length: WIDTH * HEIGHT }, (_, i) => +masked(i % WIDTH, Math.floor(i / WIDTH)));
  return featherMask(mask, WIDTH, HEIGHT, feather);
}

const square = (x: number, y: number) => x >= 48 && x < 88 && y >= 32 && y < 72;
const right = (x: number) => x >= 64;
const GROUND = [240, 230, 220] as const;
const ground = painted(() => GROUND);

describe("a plain ground that missed its tone by the same everywhere", () => {
  test.each([
    ["a square", square, FEATHER],
    ["half of the picture", right, FEATHER],
    ["a square without feather", square, 0],
  ])("becomes the old one exactly: %s", (_, masked, feather) => {
    const share = shareOf(masked, feather);
    const made = painted(() => [237, 232, 214]);
    const correction = matchEdge(made, ground, share, feather);
    expect(composite(made, ground, share, correction).rgba).toEqual(ground.rgba);
  });
});

test("nothing to correct: the new picture as it is", () => {
  const share = shareOf(square);
  const made = painted((x, y) => (x > 64 && x < 70 && y > 48 && y < 54 ? [200, 20, 30] : GROUND));
  const correction = matchEdge(made, ground, share, FEATHER);
  for (const [x, y] of [
    [50, 40],
    [67, 51],
  ])
    expect(correction(x, y, 0)).toBe(0);
  expect(composite(made, ground, share, correction).rgba).toEqual(made.rgba);
});

test("between two edges that miss by different levels the correction is linear, as Laplace's equation has it", () => {
  // rows 0 to 95 of columns 40 to 87 are new; their left end missed by 4 levels, their right end by 12
  const share = shareOf((x) => x >= 40 && x < 88);
  const made = painted((x) => (x < 64 ? [236, 230, 220] : [228, 230, 220]));
  const correction = matchEdge(made, ground, share, FEATHER);
  const along = [44, 52, 60, 68, 76, 84].map((x) => correction(x, 48, 0));
  const slope = (along[5] - along[0]) / 5;
  expect(slope).toBeGreaterThan(0.9);
  for (const [i, value] of along.entries()) expect(value).toBeCloseTo(along[0] + i * slope, 1);
  expect(along[0]).toBeGreaterThan(4);
  expect(along[5]).toBeLessThan(12);
  expect(correction(64, 48, 1)).toBe(0);
});

test("other content at a part of the edge keeps its tone, and the rest of the edge decides", () => {
  const share = shareOf(square);
  // 6 levels too dark, and across the upper edge something red
  const object = (x: number, y: number) => x >= 60 && x < 76 && y < 48;
  const made = painted((x, y) => (object(x, y) ? [200, 30, 40] : [234, 224, 214]));
  const correction = matchEdge(made, ground, share, FEATHER);
  for (const channel of [0, 1, 2]) {
    expect(correction(52, 60, channel)).toBeCloseTo(6, 0);
    expect(correction(68, 36, channel)).toBeCloseTo(6, 0);
  }
});

test("a ground that is meant to be another one stays as it is painted", () => {
  const share = shareOf(square);
  const made = painted(() => [20, 60, 160]);
  const correction = matchEdge(made, ground, share, FEATHER);
  expect(correction(68, 52, 2)).toBe(0);
});

test("two masks, one on plain ground and one on other content, are corrected each by itself", () => {
  const first = (x: number, y: number) => x < 40 && y > 20 && y < 60;
  const share = shareOf((x, y) => first(x, y) || (x > 80 && y > 20 && y < 60));
  const made = painted((x) => (x < 64 ? [235, 225, 215] : [20, 60, 160]));
  const correction = matchEdge(made, ground, share, FEATHER);
  expect(correction(10, 40, 0)).toBeCloseTo(5, 6);
  expect(correction(110, 40, 0)).toBe(0);
});

test("where everything is new there is no edge to match", () => {
  const share = new Float32Array(WIDTH * HEIGHT).fill(1);
  const correction = matchEdge(
    painted(() => [1, 2, 3]),
    ground,
    share,
    FEATHER,
  );
  expect(correction(64, 48, 0)).toBe(0);
});

test("what shows nothing new stays as it is, pixel for pixel, whatever the correction", () => {
  const share = shareOf(square);
  const kept = painted((x, y) => [x, y, (x * y) % 256]);
  const made = painted(() => GROUND);
  const { rgba } = composite(made, kept, share, () => 100);
  for (let i = 0; i < share.length; i++) {
    if (share[i] === 0) expect(rgba.slice(i * 4, i * 4 + 4)).toEqual(kept.rgba.slice(i * 4, i * 4 + 4));
  }
});
