/**
 * Larger pictures in two stages, as AUTOMATIC1111's hires. fix does: the picture at the size that the model knows, its latents or its
 * pixels enlarged, noised to the level that the strength says, and denoised once more at the large size.
 */
import { toPixels } from "../tensor/pixels.ts";
import { enlarge } from "../tensor/resize.ts";
import type { Tensor } from "../tensor/tensor.ts";
import { enlargePicture } from "./enlarge-picture.ts";
import { largeSize } from "./large-size.ts";
import { mean, vaeOf } from "./latent-space.ts";
import { latentStage } from "./latent-stage.ts";
import { noisedAt } from "./noised.ts";
import type { Job, Stage } from "./pipeline.ts";

/** The strength above which AUTOMATIC1111 still counts as below 1, so that a step of the schedule is left. */
const NEARLY_ALL = 1 - 1e-3;

/** The stage that follows the first one where the settings ask for it. */
export function secondPass(job: Job): readonly Stage[] {
  const { highResolution: large, ...settings } = job.request.settings;
  if (!large) return [];
  const { model, space, onProgress } = job;
  const size = largeSize(settings, large, vaeOf(model).scaleFactor * model.backbone.sizeMultiple);
  // As many steps are run as were asked for; the schedule is as much longer as the strength leaves out of it.
  const steps = Math.trunc(large.steps / Math.min(large.strength, NEARLY_ALL));
  /** @param dims of the larger latents */
  const enlarged = async (latents: Tensor, dims: readonly number[]): Promise<Tensor> => {
    if (large.upscaler !== "pixels") {
      const [rows, columns] = dims.slice(-2);
      return enlarge(latents, rows, columns);
    }
    const { picture } = await space.decode(latents);
    // A draw from what the encoder says would be noise that the schedule knows nothing of, as much as a small strength has.
    return space.encode(toPixels(enlargePicture(picture, size)), mean, onProgress);
  };
  const stage = latentStage(job, {
    name: "Second pass",
    place: 1,
    settings: { ...settings, ...size, steps },
    first: () => steps - large.steps,
    async begin({ schedule, noise, dims, first }, previous) {
      if (!previous) throw new Error("The second pass follows a first one.");
      const clean = await enlarged(previous, dims);
      return { x: noisedAt(clean, noise.initial(), schedule, first) };
    },
  });
  return [stage];
}
