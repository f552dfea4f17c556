/**
 * Image to image (Meng et al. 2022, SDEdit): the picture's latents are noised to the level that the strength says, and the sampler
 * goes on from there.
 */
import { toPixels } from "../tensor/pixels.ts";
import { runsAsConsistencyModel } from "./guidance-embedding.ts";
import { latentStage } from "./latent-stage.ts";
import { firstStep, noisedAt } from "./noised.ts";
import type { Pipeline } from "./pipeline.ts";
import { secondPass } from "./second-pass.ts";
import { seesMask } from "./sees-mask.ts";
import { startImageOf } from "./start-image.ts";

export const imageToImage: Pipeline = {
  id: "image-to-image",
  label: "Image to image",
  inputs: ["image"],
  settings: ["highResolution"],
  output: "picture",
  remedy: "add a mask, or choose another model",
  accepts: (model) => !seesMask(model) && model.parts.has("vae_encoder"),
  plan(job) {
    const { picture, strength } = startImageOf(job);
    // Consistency models are asked for all the steps, in the part of the schedule that the strength leaves.
    const shortens = runsAsConsistencyModel(job.model);
    const stage = latentStage(job, {
      name: "First pass",
      place: 0,
      settings: job.request.settings,
      ...(shortens ? { strength } : { first: (schedule) => firstStep(job, schedule, strength) }),
      async begin({ schedule, noise, first }) {
        const clean = await job.space.encode(toPixels(picture), noise.normal, job.onProgress);
        return { x: noisedAt(clean, noise.initial(), schedule, first) };
      },
    });
    return { stages: [stage, ...secondPass(job)], decode: job.space.decode };
  },
};
