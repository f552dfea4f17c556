/** Random numbers, bit for bit those of torch. The expected numbers: python -m training.reference.golden. */
import { describe, expect, test } from "vitest";
import { cudaGenerator, philox } from "./philox.ts";
import { normalTensor, torchGenerator } from "./random.ts";
import { golden, goldenValues } from "./testing/golden.ts";

describe("torchGenerator", () => {
  test.each(golden.random.normal.map(({ seed, size, at }) => [seed, size, at] as const))(
    "seed %d, %d numbers: every bit is torch's",
    (seed, size, at) => {
      expect(torchGenerator(seed).normal(size)).toEqual(goldenValues(at));
    },
  );

  test("draw after draw from one generator, below and above 16 numbers", () => {
    const generator = torchGenerator(11);
    for (const { size, at } of golden.random.consecutive) expect(generator.normal(size)).toEqual(goldenValues(at));
  });

  test("gives latents of a shape", () => {
    const latents = normalTensor(torchGenerator(3), [1, 4, 8, 8]);
    expect(latents.dims).toEqual([1, 4, 8, 8]);
    expect(latents.data).toEqual(torchGenerator(3).normal(256));
  });

  test.each([-1, 0.5, 2 ** 53, Number.NaN])("refuses the seed %d", (seed) => {
    expect(() => torchGenerator(seed)).toThrow(/seed.*choose a whole number/);
  });
});

describe("philox", () => {
  // Known answers of the Random123 library (kat_vectors, philox4x32 10).
  test.each([
    ["00000000 00000000 00000000 00000000", "00000000 00000000", "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    ["ffffffff ffffffff ffffffff ffffffff", "ffffffff ffffffff", "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    ["243f6a88 85a308d3 13198a2e 03707344", "a4093822 299f31d0", "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("counter %s, key %s", (counter, key, expected) => {
    const words = (text: string) => text.split(" ").map((word) => Number.parseInt(word, 16));
    const result = philox(words(counter) as [number, number, number, number], words(key) as [number, number]);
    expect(result).toEqual(words(expected));
  });

  test("gives the normals of torch.randn on a GPU", () => {
    // torch.manual_seed(0); torch.randn(12, device="cuda"), as published with the web UI that first reproduced them
    const published = [
      -0.92466259, -0.42534415, -2.6438457, 0.14518388, -0.12086647, -0.57972564, -0.62285122, -0.32838709, -1.07454231,
      -0.36314407, -1.67105067, 2.26550497,
    ];
    const numbers = cudaGenerator(0).normal(12);
    published.forEach((value, i) => {
      expect(Math.abs(numbers[i] - value)).toBeLessThan(1e-6);
    });
  });

  test("draw after draw moves on", () => {
    const generator = cudaGenerator(5);
    const first = generator.normal(4);
    expect(generator.normal(4)).not.toEqual(first);
    expect(cudaGenerator(5).normal(4)).toEqual(first);
  });
});
