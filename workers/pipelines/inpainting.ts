/**
 * Inpainting: the area under the mask is regenerated. Backbones trained for it see the mask and the masked picture behind the
 * latents (Rombach et al. 2022, section 4.5); with all others what lies outside the mask is put back after every step, noised
 * to the level that the step reached (Lugmayr et al. 2022, eq. 8).
 */
import { combine, select } from "../tensor/arithmetic.ts";
import { join } from "../tensor/join.ts";
import { toPixels } from "../tensor/pixels.ts";
import { type Tensor, zeros } from "../tensor/tensor.ts";
import { composite, featherMask } from "./feather.ts";
import { vaeOf } from "./latent-space.ts";
import { latentStage } from "./latent-stage.ts";
import { cellMask, toMask, touchedCells } from "./mask.ts";
import { matchEdge } from "./match-edge.ts";
import { firstStep, noisedAt } from "./noised.ts";
import type { Pipeline } from "./pipeline.ts";
import { seesMask } from "./sees-mask.ts";
import { maskOf, startImageOf } from "./start-image.ts";

export const inpainting: Pipeline = {
  id: "inpainting",
  label: "Inpainting",
  inputs: ["image", "mask"],
  settings: ["maskFeather"],
  output: "picture",
  remedy: "choose a model with a VAE encoder",
  accepts: (model) => model.parts.has("vae_encoder") || seesMask(model),
  plan(job) {
    const { model, space, request, onProgress } = job;
    const { maskFeather } = request.settings;
    const { picture, strength } = startImageOf(job);
    const mask = maskOf(job);
    const hard = toMask(mask);
    const share = maskFeather === undefined ? undefined : featherMask(hard, mask.width, mask.height, maskFeather);
    const regenerated = share ? touchedCells(share, mask, vaeOf(model).scaleFactor) : hard;
    const stage = latentStage(job, {
      name: "First pass",
      place: 0,
      settings: request.settings,
      first: (schedule) => firstStep(job, schedule, strength),
      async begin({ schedule, noise: source, dims, first }) {
        const pixels = toPixels(picture);
        const encode = (of: Tensor) => space.encode(of, source.normal, onProgress);
        // The order of the draws is diffusers': the picture where it is needed, the noise, the masked picture.
        const clean = !seesMask(model) || strength < 1 ? await encode(pixels) : undefined;
        const noise = source.initial();
        const x =
          clean && strength < 1
            ? noisedAt(clean, noise, schedule, first)
            : schedule.sampler.initial(noise, schedule.levels, schedule.config);
        const masked = await encode(select(regenerated, zeros(...pixels.dims), pixels));
        const cells = cellMask(regenerated, picture.width, vaeOf(model).scaleFactor);
        if (seesMask(model)) {
          const [rows, columns] = dims.slice(-2);
          return { x, extra: join(1, { data: Float32Array.from(cells), dims: [1, 1, rows, columns] }, masked) };
        }
        if (!clean) return { x };
        return {
          x,
          constrain: (at, { alpha, sigma }) => select(cells, at, combine([alpha, clean], [sigma, noise])),
        };
      },
    });
    return {
      stages: [stage],
      async decode(latents) {
        const output = await space.decode(latents);
        // With a feather the start image stays outside of the feathered mask, pixel for pixel.
        if (!share || maskFeather === undefined) return output;
        const correction = matchEdge(output.picture, picture, share, maskFeather);
        return { ...output, picture: composite(output.picture, picture, share, correction) };
      },
    };
  },
};
