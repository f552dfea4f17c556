import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { useStore } from "../state/useStore";

/** Takes up a run that was cancelled or that failed, from its last step. */
export function GoOnButton({ run }: { run: Run }) {
  const queue = useQueue();
  const models = useModels();
  const info = useStore(models.store, modelInfo);
  const { settings, image, mask, parent, batch, steps, status } = run;
  if ((status !== "cancelled" && status !== "failed") || steps.length === 0 || info?.id !== run.model.id) return null;
  const goOn = () =>
    queue.add(info, [
      {
        settings,
        ...(image && { image }),
        ...(mask && { mask }),
        ...(parent && { parent }),
        ...(batch && { batch }),
        resume: { steps: [...steps] },
      },
    ]);
  return (
    <button type="button" className="button" onClick={goOn}>
      Resume
    </button>
  );
}
