import { expect, test } from "vitest";
import type { VaeDecoder } from "../models/parts/vae.ts";
import { fitPreview } from "./fit-preview.ts";
import { guidanceEmbedding } from "./guidance-embedding.ts";

test("a decoder that is linear is found again", async () => {
  const factors = [
    [0.1, -0.05, 0],
    [0.02, 0.1, -0.1],
    [0, 0.03, 0.12],
    [-0.08, 0, 0.04],
    [0.05, 0.05, 0.05],
  ];
  const bias = [0.1, -0.2, 0];
  const scale = 4;
  const decoder: VaeDecoder = {
    config: {},
    scaleFactor: scale,
    latentChannels: factors.length,
    async decode({ data, dims: [, channels, height, width] }) {
      const rgba = new Uint8ClampedArray(height * width * scale * scale * 4);
      for (let y = 0; y < height * scale; y++) {
        for (let x = 0; x < width * scale; x++) {
          const cell = Math.floor(y / scale) * width + Math.floor(x / scale);
          for (let c = 0; c < 3; c++) {
            let value = bias[c];
            for (let k = 0; k < channels; k++) value += data[k * height * width + cell] * factors[k][c];
            rgba[(y * width * scale + x) * 4 + c] = Math.round((value / 2 + 0.5) * 255);
          }
        }
      }
      return { width: width * scale, height: height * scale, rgba };
    },
  };
  const found = await fitPreview(decoder, 2);
  const close = (a: readonly number[], b: readonly number[]) => {
    for (const [i, value] of a.entries()) expect(value).toBeCloseTo(b[i], 2);
  };
  for (const [i, row] of found.factors.entries()) close(row, factors[i]);
  close(found.bias, bias);
});

test("a guidance embedding: sines and cosines of (scale - 1) * 1000 over periods up to 10,000, a zero where the length is odd", () => {
  const { data, dims } = guidanceEmbedding(1, 7);
  expect(dims).toEqual([1, 7]);
  expect([...data]).toEqual([0, 0, 0, 1, 1, 1, 0]);
  const { data: other } = guidanceEmbedding(1.001, 4);
  const expected = [Math.sin(1), Math.sin(1e-4), Math.cos(1), Math.cos(1e-4)];
  for (const [k, value] of expected.entries()) expect(other[k]).toBeCloseTo(value, 6);
});
