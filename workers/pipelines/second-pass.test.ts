import { expect, test, vi } from "vitest";
import { torchGenerator } from "../diffusion/random.ts";
import type { Settings } from "../protocol.ts";
import { toPixels } from "../tensor/pixels.ts";
import { sizeOf, type Tensor } from "../tensor/tensor.ts";
import { enlargePicture } from "./enlarge-picture.ts";
import type { LatentSpace } from "./latent-space.ts";
import type { Job } from "./pipeline.ts";
import { secondPass } from "./second-pass.ts";

const picture = {
  width: 2,
  height: 2,
  rgba: Uint8ClampedArray.from([10, 60, 90, 255, 200, 30, 0, 255, 0, 0, 0, 255, 255, 255, 255, 255]),
};
const settings = { sampler: "ddim", steps: 5, seed: 3, width: 2, height: 2 } as Settings;

/** A VAE that says of everything that it is 0.5, give or take 1. */
function job(highResolution: Settings["highResolution"]) {
  const encode = vi.fn(async ({ dims }: Tensor, normal: (count: number) => Float32Array) => {
    const [, , rows, columns] = dims;
    return { data: normal(rows * columns).map((one) => 0.5 + one), dims: [1, 1, rows, columns] };
  });
  const space: Partial<LatentSpace> = {
    dims: ({ width, height }) => [1, 1, height, width],
    decode: async () => ({ kind: "picture", picture }),
    encode,
  };
  const model = {
    index: {},
    backbone: { sizeMultiple: 1, conditions: [] },
    vae: { scaleFactor: 1 },
    schedulerConfig: {
      _class_name: "DDIMScheduler",
      num_train_timesteps: 1000,
      beta_schedule: "linear",
      beta_start: 0.0001,
      beta_end: 0.02,
      prediction_type: "epsilon",
    },
  };
  const given = { model, family: {}, space, request: { settings: { ...settings, highResolution } } };
  return { job: given as unknown as Job, encode };
}

test("begins with the mean of the enlarged picture's latents, at the strength's noise level", async () => {
  const { job: given, encode } = job({ scale: 2, steps: 2, strength: 0.1, upscaler: "pixels" });
  const [stage] = secondPass(given);
  const { x } = await stage.begin({ data: new Float32Array(4), dims: [1, 1, 2, 2] });
  expect(encode.mock.calls[0][0]).toEqual(toPixels(enlargePicture(picture, { width: 4, height: 4 })));
  expect([stage.first, stage.schedule.levels.length - 1, stage.dims]).toEqual([18, 20, [1, 1, 4, 4]]);
  const { alpha, sigma } = stage.schedule.levels[18];
  const noise = torchGenerator(3).normal(sizeOf(stage.dims));
  for (const [i, value] of x.data.entries()) expect(value).toBeCloseTo(alpha * 0.5 + sigma * noise[i], 5);
});

test("is left out where it is not asked for", () => {
  expect(secondPass(job(undefined).job)).toEqual([]);
});
