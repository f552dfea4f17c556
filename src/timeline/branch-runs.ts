/** What a branch asks of the engine: the parent's settings but for what may change in the middle of a run. */
import type { Step, Takeover } from "../../workers/protocol";
import type { NewRun, Run } from "../runs/run";
import { stepNumber, totalSteps } from "../runs/steps";
import { type Form, guidanceOf, promptsOf } from "../settings/form";

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

/** The last step that is taken over. */
export function lastStep({ parent, place }: Branch): Step {
  return parent.steps[place];
}

/** Why the run cannot be branched at that place in its list of steps, in one sentence; null where it can. */
export function branchRefusal(run: Run | null, place: number): string | null {
  const step = run?.steps[place];
  if (!step) return "There is no step yet to branch from.";
  if (stepNumber(step) === totalSteps(step.stages))
    return "After the last step nothing is left to change; choose an earlier one.";
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
        parent: { id: parent.id, step: stepNumber(lastStep(branch)) - 1 },
      };
    }),
  );
}

/** The sampler that made the last kept step goes on with its history; any other takes over. */
function takeoverOf(branch: Branch, sampler: string): Takeover | undefined {
  const { takeover, sampler: last } = branch.parent.settings;
  const { stage, stages, index } = lastStep(branch);
  // After the last step of a stage the next one begins with any sampler, in its own levels.
  if (index + 1 === stages[stage].steps) return undefined;
  const next = index + 1;
  const begun = takeover === undefined || (takeover.stage ?? 0) < stage || takeover.step <= next;
  if (begun && sampler === last) return takeover;
  return { ...(stage > 0 && { stage }), step: next, levels: takeover?.levels ?? last };
}
