/** What a branch asks of the engine: the parent's settings but for what may change in the middle of a run. */
import type { Takeover } from "../../workers/protocol";
import { type Form, guidanceOf, promptsOf } from "../develop/form";
import type { NewRun, Run } from "../develop/run";

export interface Branch {
  parent: Run;
  /** place in the parent's list of the last step that is taken over; image to image begins that list in the middle of a run */
  place: number;
  /** as it is typed; empty for the parent's */
  noiseSeed: string;
}

/** The form's settings that a branch cannot change: its latents are of that size, on those noise levels, from that seed. */
export const LOCKED: ReadonlySet<string> = new Set(["steps", "width", "height", "seed"]);

/** Whether the sampler of a branch draws noise: without, a noise seed changes nothing. */
export function drawsNoise({ parent }: Branch, sampler: string): boolean {
  const noise = parent.model.samplers.find(({ id }) => id === sampler)?.noise;
  return noise === "always" || (noise === "with eta" && (parent.settings.eta ?? 0) > 0);
}

/** Index of the last step that is taken over. */
export function lastStep({ parent, place }: Branch): number {
  return parent.steps[place].index;
}

/** Why the run cannot be branched at that place in its list of steps, in one sentence; null where it can. */
export function branchRefusal(run: Run | null, place: number): string | null {
  const step = run?.steps[place];
  if (!step) return "There is no step yet to branch from.";
  if (step.index >= step.total - 1) return "After the last step nothing is left to change; choose an earlier one.";
  return null;
}

/** For each pair of prompts as many runs as the form asks for, the noise seeds following each other; one where the sampler draws no noise. */
export function branchRuns(branch: Branch, form: Form): NewRun[] {
  const { parent, place } = branch;
  const { image, mask } = parent;
  const { noiseSeed: earlier, takeover: _, guidanceInterval: __, ...kept } = parent.settings;
  const takeover = takeoverOf(branch, form.sampler);
  const settings = {
    ...kept,
    sampler: form.sampler,
    ...guidanceOf(form),
    ...(takeover && { takeover }),
  };
  const noiseSeed = branch.noiseSeed.trim() === "" ? earlier : Number(branch.noiseSeed);
  const first = noiseSeed ?? parent.settings.seed;
  const count = drawsNoise(branch, form.sampler) ? Number(form.count) : 1;
  const seeds = Array.from({ length: count }, (_, i) => i);
  return seeds.flatMap((i) =>
    promptsOf(form).map((prompts) => {
      const own = first + i;
      return {
        settings: { ...settings, ...prompts, ...((i > 0 || noiseSeed !== undefined) && { noiseSeed: own }) },
        ...(image && { image }),
        ...(mask && { mask }),
        resume: { steps: parent.steps.slice(0, place + 1) },
        parent: { id: parent.id, step: lastStep(branch) },
      };
    }),
  );
}

/** The sampler that made the last kept step goes on with its history; any other takes over. */
function takeoverOf(branch: Branch, sampler: string): Takeover | undefined {
  const { takeover, sampler: last } = branch.parent.settings;
  const next = lastStep(branch) + 1;
  const begun = takeover === undefined || takeover.step <= next;
  if (begun && sampler === last) return takeover;
  return { step: next, levels: takeover?.levels ?? last };
}
