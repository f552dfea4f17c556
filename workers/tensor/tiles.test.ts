import { describe, expect, it } from "vitest";
import type { Tensor } from "./tensor.ts";
import { runTiled, tileStarts } from "./tiles.ts";

const decoding = { tile: 16, overlap: 4, inputScale: 1, outputScale: 2 };

/** Each input pixel becomes a square of `scale` times its value. */
async function enlarge({ data, dims }: Tensor, scale = 2): Promise<Tensor> {
  const [, channels, height, width] = dims;
  const out = new Float32Array(channels * height * scale * width * scale);
  for (let i = 0; i < out.length; i++) {
    const x = i % (width * scale);
    const y = Math.floor(i / (width * scale)) % (height * scale);
    const c = Math.floor(i / (width * scale * height * scale));
    out[i] = data[(c * height + Math.floor(y / scale)) * width + Math.floor(x / scale)] * scale;
  }
  return { data: out, dims: [1, channels, height * scale, width * scale] };
}

const counted = (channels: number, height: number, width: number): Tensor => ({
  data: Float32Array.from({ length: channels * height * width }, (_, i) => (i * 37) % 101),
  dims: [1, channels, height, width],
});

describe("where tiles begin", () => {
  it.each([
    [10, [0]],
    [16, [0]],
    [17, [0, 1]],
    [28, [0, 12]],
    [29, [0, 7, 13]],
    [64, [0, 12, 24, 36, 48]],
  ])("%i cells: %j", (length, starts) => {
    expect(tileStarts(length, decoding)).toEqual(starts);
  });

  it("covers every length, neighbours sharing the overlap at the least", () => {
    for (let length = 17; length < 300; length++) {
      const starts = tileStarts(length, decoding);
      expect(starts[0]).toBe(0);
      expect((starts.at(-1) ?? 0) + 16).toBe(length);
      for (let i = 1; i < starts.length; i++) expect(starts[i - 1] + 16 - starts[i]).toBeGreaterThanOrEqual(4);
    }
  });
});

describe("a run in tiles", () => {
  it("of a network that looks at one pixel at a time is the whole run", async () => {
    const input = counted(3, 41, 29);
    const tiled = await runTiled(input, decoding, (tile) => enlarge(tile));
    const whole = await enlarge(input);
    expect(tiled.dims).toEqual(whole.dims);
    for (let i = 0; i < whole.data.length; i++) expect(tiled.data[i]).toBeCloseTo(whole.data[i], 3);
  });

  it("goes the other way as well: pixels to latents", async () => {
    const input = counted(1, 8 * 20, 8 * 24);
    const shrink = async ({ data, dims: [, , height, width] }: Tensor): Promise<Tensor> => ({
      data: Float32Array.from({ length: (height * width) / 64 }, (_, i) => {
        const [y, x] = [Math.floor(i / (width / 8)), i % (width / 8)];
        return data[y * 8 * width + x * 8];
      }),
      dims: [1, 1, height / 8, width / 8],
    });
    const tiling = { tile: 16, overlap: 4, inputScale: 8, outputScale: 1 };
    const [tiled, whole] = [await runTiled(input, tiling, shrink), await shrink(input)];
    expect(tiled.dims).toEqual([1, 1, 20, 24]);
    for (let i = 0; i < whole.data.length; i++) expect(tiled.data[i]).toBeCloseTo(whole.data[i], 4);
  });

  it("blends a seam: from one tile's value to the next in steps no larger than the overlap asks for", async () => {
    let calls = 0;
    const constant = async ({ dims }: Tensor): Promise<Tensor> => {
      const value = calls++;
      return { data: new Float32Array(dims[2] * dims[3] * 4).fill(value), dims: [1, 1, dims[2] * 2, dims[3] * 2] };
    };
    const { data, dims } = await runTiled(counted(1, 16, 28), decoding, constant);
    const row = [...data.subarray(0, dims[3])];
    expect(row[0]).toBe(0);
    expect(row.at(-1)).toBe(1);
    const jumps = row.slice(1).map((value, i) => value - row[i]);
    expect(Math.min(...jumps)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...jumps)).toBeCloseTo(1 / 8, 5);
  });

  it("never hands the network more than a tile", async () => {
    const sizes = new Set<string>();
    await runTiled(counted(2, 64, 64), decoding, (tile) => {
      sizes.add(tile.dims.join());
      return enlarge(tile);
    });
    expect([...sizes]).toEqual(["1,2,16,16"]);
  });
});
