import type { RunAction } from "../actions/action";
import type { Queue } from "../runs/queue";

/** Takes up a run that was cancelled or that failed, from its last step. */
export function resumeAction(queue: Queue): RunAction {
  return {
    name: "resume",
    place: "run",
    label: "Resume",
    predicate: ({ run: { status, steps, model }, info }) =>
      (status === "cancelled" || status === "failed") && steps.length > 0 && info?.id === model.id,
    perform({ run: { model, settings, image, mask, parent, batch, steps }, info }) {
      queue.add(info ?? model, [
        {
          settings,
          ...(image && { image }),
          ...(mask && { mask }),
          ...(parent && { parent }),
          ...(batch && { batch }),
          resume: { steps: [...steps] },
        },
      ]);
    },
  };
}
