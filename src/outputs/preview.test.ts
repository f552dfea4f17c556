import { describe, expect, it } from "vitest";
import type { Tensor } from "../../workers/protocol";
import { previewPixels } from "./preview";

const tensor = (data: number[], dims: Tensor["dims"]): Tensor => ({ data: Float32Array.from(data), dims });

describe("previewPixels", () => {
  it("applies rgb = factors^T latent + bias per pixel, channels apart (NCHW)", () => {
    // two channels, 1 x 2 pixels: pixel 0 is (1, 0), pixel 1 is (0.5, -1)
    const latents = tensor([1, 0.5, 0, -1], [1, 2, 1, 2]);
    const pixels = previewPixels(latents, {
      kind: "linear",
      scale: 8,
      factors: [
        [0.5, 0, -0.5],
        [0, 0.25, 0.5],
      ],
      bias: [0, 0.1, 0],
    });
    // pixel 0: (0.5, 0.1, -0.5); pixel 1: (0.25, 0.1 - 0.25, -0.25 - 0.5); then (v + 1) * 127.5, rounded
    expect([...pixels]).toEqual([191, 140, 64, 255, 159, 108, 32, 255]);
  });

  it("clamps what lies outside of -1..1", () => {
    const pixels = previewPixels(tensor([9, -9], [1, 1, 1, 2]), {
      kind: "linear",
      scale: 8,
      factors: [[1, 0, -1]],
      bias: [0, 0, 0],
    });
    expect([...pixels]).toEqual([255, 128, 0, 255, 0, 128, 255, 255]);
  });

  it("refuses a map that does not fit", () => {
    expect(() =>
      previewPixels(tensor([0, 0], [1, 2, 1, 1]), { kind: "linear", scale: 8, factors: [[1, 1, 1]], bias: [0, 0, 0] }),
    ).toThrow("for 1 channels, and the tensor has 2");
  });
});
