/**
 * Larger pictures in two passes, as AUTOMATIC1111's hires. fix does with its latent upscalers: the picture at the size that the model
 * knows, its latents enlarged, noised to the level that the strength says, and denoised once more at the large size.
 */
import type { Latents } from "../diffusion/types.ts";
import type { HighResolution, Settings, Step } from "../protocol.ts";
import { largeSize } from "./large-size.ts";
import { noisedAt } from "./picture-latents.ts";
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
  const latents = noisedAt(enlarge(one.latents, again.dims), again.noise(), again, index);
  return finish(second, again, await denoise(second, again, { latents, index }));
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

/** Bilinear, each latent pixel a square whose value is at its middle (torch's interpolate with align_corners=False, no antialiasing). */
export function enlarge({ data, dims: [batch, channels, rows, columns] }: Latents, to: Latents["dims"]): Latents {
  const [, , tall, wide] = to;
  const down = taps(rows, tall);
  const across = taps(columns, wide);
  const out = new Float32Array(batch * channels * tall * wide);
  for (let plane = 0; plane < batch * channels; plane++) {
    const from = plane * rows * columns;
    for (let y = 0; y < tall; y++) {
      const { low: top, high: bottom, share: v } = down[y];
      for (let x = 0; x < wide; x++) {
        const { low: left, high: right, share: u } = across[x];
        const upper = data[from + top * columns + left] * (1 - u) + data[from + top * columns + right] * u;
        const lower = data[from + bottom * columns + left] * (1 - u) + data[from + bottom * columns + right] * u;
        out[(plane * tall + y) * wide + x] = upper * (1 - v) + lower * v;
      }
    }
  }
  return { data: out, dims: to };
}

/** Between which two entries each new one lies, and how far from the lower one. */
function taps(length: number, longer: number) {
  return Array.from({ length: longer }, (_, i) => {
    const at = Math.max(0, ((i + 0.5) * length) / longer - 0.5);
    const low = Math.min(Math.floor(at), length - 1);
    return { low, high: Math.min(low + 1, length - 1), share: at - low };
  });
}
