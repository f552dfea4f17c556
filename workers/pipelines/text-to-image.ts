/**
 * Text to image: noise is drawn from the seed, and the sampler takes it down the levels with the guided backbone as its denoiser
 * (Rombach et al. 2022).
 */
import { latentStage } from "./latent-stage.ts";
import type { Pipeline } from "./pipeline.ts";
import { secondPass } from "./second-pass.ts";
import { seesMask } from "./sees-mask.ts";

export const textToImage: Pipeline = {
  id: "text-to-image",
  label: "Text to image",
  inputs: [],
  settings: ["highResolution"],
  output: "picture",
  remedy: "give a picture (and a mask, to a model for inpainting)",
  // the refiner of Stable Diffusion XL goes on from a picture
  accepts: (model) => !seesMask(model) && !model.index.requires_aesthetics_score,
  plan(job) {
    const stage = latentStage(job, {
      name: "First pass",
      place: 0,
      settings: job.request.settings,
      begin: async ({ schedule: { sampler, levels, config }, noise }) => ({
        x: sampler.initial(noise.initial(), levels, config),
      }),
    });
    return { stages: [stage, ...secondPass(job)], decode: job.space.decode };
  },
};
