import { expect, test } from "vitest";
import { guidanceEmbedding } from "./guidance-embedding.ts";

// LatentConsistencyModelPipeline.get_guidance_scale_embedding(None, torch.tensor(scale - 1).repeat(1), embedding_dim=10), diffusers 0.42.1
const WANTED: [number, number[]][] = [
  [1, [0, 0, 0, 0, 0, 1, 1, 1, 1, 1]],
  [
    8.5,
    [-0.8512359, 0.7451137, -0.3877816, 0.9379998, 0.6816387, -0.5247833, -0.6669375, 0.9217513, 0.3466358, 0.7316889],
  ],
  [
    12.3,
    [0.3038918, -0.8268465, -0.0971819, -0.9540195, 0.9044122, -0.9527066, 0.5624277, 0.9952666, 0.2997446, 0.4266599],
  ],
];

test.each(WANTED)("guidance %d is embedded with diffusers' own rounding", (scale, wanted) => {
  const { data, dims } = guidanceEmbedding(scale, wanted.length);
  expect(dims).toEqual([1, wanted.length]);
  for (const [i, value] of wanted.entries()) expect(Math.abs(data[i] - value)).toBeLessThan(5e-7);
});

test("an odd length ends with a zero", () => {
  const { data } = guidanceEmbedding(3, 7);
  expect(data).toHaveLength(7);
  expect(data[6]).toBe(0);
});
