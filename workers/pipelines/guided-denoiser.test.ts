import { describe, expect, test } from "vitest";
import type { Backbone } from "../models/parts/backbone.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { guidedDenoiser, halvesPredictor } from "./guided-denoiser.ts";

const x: Tensor = { data: Float32Array.of(1, 2, 3, 4), dims: [1, 1, 2, 2] };
const level = { timestep: 500, alpha: 0.6, sigma: 0.8 };
const text = { text: { data: Float32Array.of(1), dims: [1, 1] } };
const signal = new AbortController().signal;

/** Predicts ones, with so many channels. */
const backbone = (channels: number) =>
  ({
    async predict({ dims: [rows, , height, width] }) {
      const dims = [rows, channels, height, width];
      return { data: new Float32Array(rows * channels * height * width).fill(1), dims };
    },
  }) as Pick<Backbone, "predict"> as Backbone;

describe.each([
  ["guided", { conditional: text, unconditional: text }],
  ["not guided", { conditional: text }],
])("%s", (_, branches) => {
  const denoise = (channels: number) =>
    guidedDenoiser(
      halvesPredictor(backbone(channels)),
      () => branches,
      { scale: 3, rescale: 0, isGuided: () => true },
      "sample",
    )(x, level, 0, signal);

  test("the estimate has the latents' shape", async () => {
    expect(await denoise(1)).toEqual({ data: Float32Array.of(1, 1, 1, 1), dims: [1, 1, 2, 2] });
  });

  test("a learned variance is refused, not read as latents", async () => {
    await expect(denoise(2)).rejects.toThrow(/predicts 1 x 2 x 2 x 2 numbers for latents of 1 x 1 x 2 x 2/);
  });
});
