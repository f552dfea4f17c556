/**
 * Image to image (Meng et al. 2022, SDEdit): the picture's latents are noised to the level that the strength says, and the sampler
 * goes on from there.
 */
import { hasGuidanceEmbedding } from "./guidance-embedding.ts";
import { encodePixels, firstStep, noisedAt, toPixels } from "./picture-latents.ts";
import { type Drawn, denoiseAndDecode, type Job, type Plan, plan, type Start } from "./run.ts";

export async function imageToImage(job: Job, image: NonNullable<Job["request"]["image"]>): Promise<Drawn> {
  const { planned, start } = await fromPicture(job, image);
  return denoiseAndDecode(job, planned, start);
}

export async function fromPicture(
  job: Job,
  { picture, strength }: NonNullable<Job["request"]["image"]>,
): Promise<{ planned: Plan; start: Start }> {
  // Consistency models are asked for all the steps, in the part of the schedule that the strength leaves.
  const shortens = hasGuidanceEmbedding(job.model.backbone);
  const planned = plan(job, shortens ? strength : 1);
  const index = shortens ? 0 : firstStep(job, planned, strength);
  const clean = await encodePixels(job, planned, toPixels(picture));
  return { planned, start: { latents: noisedAt(clean, planned.noise(), planned, index), index } };
}
