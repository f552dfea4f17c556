/**
 * Larger pictures in two passes, as AUTOMATIC1111's hires. fix does: the picture at the size that the model knows, its latents or its
 * pixels enlarged, noised to the level that the strength says, and denoised once more at the large size.
 */
import type { Latents } from "../diffusion/types.ts";
import type { HighResolution, Settings, Step } from "../protocol.ts";
import { enlarge, enlargePicture } from "./enlarge.ts";
import { largeSize } from "./large-size.ts";
import { encodePixels, noisedAt, toPixels } from "./picture-latents.ts";
import { type Drawn, denoise, finish, type Job, type Plan, plan, type Start } from "./run.ts";

/** The strength above which AUTOMATIC1111 still counts as below 1, so that a step of the schedule is left. */
const NEARLY_ALL = 1 - 1e-3;

/** @param begin what the first pass begins with */
export async function highResolution(
  job: Job,
  large: HighResolution,
  begin: (job: Job) => Promise<{ planned: Plan; start: Start }>,
): Promise<Drawn> {
  const { request, onStep, model } = job;
  const { highResolution: _, ...settings } = request.settings;
  const { takeover: __, ...unbroken } = settings;
  const done = request.resume?.steps ?? [];
  const total = settings.steps + large.steps;
  const send = (shift: number) => (step: Step) => onStep({ ...step, index: step.index + shift, total });

  const first = ofPass(job, settings, done, 0, settings.steps, send(0));
  const { planned, start } = await begin(first);
  const one = await denoise(first, planned, start);

  const { backbone, vae } = model;
  const size = largeSize(settings, large, vae.scaleFactor * backbone.sizeMultiple);
  // As many steps are run as were asked for; the schedule is as much longer as the strength leaves out of it.
  const steps = Math.trunc(large.steps / Math.min(large.strength, NEARLY_ALL));
  const index = steps - large.steps;
  const shift = settings.steps - index;
  const second = ofPass(job, { ...unbroken, ...size, steps }, done, shift, steps, send(shift));
  const again = plan(second);
  const clean = await enlarged(second, again, one.latents, large);
  const latents = noisedAt(clean, again.noise(), again, index);
  return finish(second, again, await denoise(second, again, { latents, index }));
}

async function enlarged(
  job: Job,
  planned: Plan,
  latents: Latents,
  { upscaler = "latent" }: HighResolution,
): Promise<Latents> {
  if (upscaler === "latent") return enlarge(latents, planned.dims);
  const picture = await job.model.vae.decode(latents);
  return encodePixels(job, planned, toPixels(enlargePicture(picture, job.request.settings)));
}

/** One pass as a run of its own: those of the done steps that are its, counted as it counts them. */
function ofPass(
  job: Job,
  settings: Settings,
  done: readonly Step[],
  shift: number,
  total: number,
  onStep: Job["onStep"],
): Job {
  const first = shift === 0 ? 0 : job.request.settings.steps;
  const last = shift === 0 ? job.request.settings.steps : Number.POSITIVE_INFINITY;
  const steps = done
    .filter(({ index }) => index >= first && index < last)
    .map((step) => ({ ...step, index: step.index - shift, total }));
  const { resume: _, ...request } = job.request;
  return { ...job, onStep, request: { ...request, settings, ...(steps.length > 0 && { resume: { steps } }) } };
}
