import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useQueue } from "../runs/context";
import type { Run } from "../runs/run";
import { newId } from "../state/id";
import { useStore } from "../state/useStore";
import { againOf, STRENGTHS, upscaledOf, upscaleProblem, VARIATIONS, variationsOf } from "./more-runs";

/** Again, variations of a picture, and the picture at twice the size. `onAsked` is called when one was asked for. */
export function MoreButtons({ run, onAsked }: { run: Run; onAsked?: () => void }) {
  const queue = useQueue();
  const models = useModels();
  const info = useStore(models.store, modelInfo);
  if (run.status !== "done") return null;
  const problem = upscaleProblem(run, info);
  const other = info?.id !== run.model.id;
  const ask = (runs: Parameters<typeof queue.add>[1]) => {
    const batch = runs.length > 1 ? { batch: newId() } : {};
    queue.add(
      run.model,
      runs.map((one) => ({ ...one, ...batch })),
    );
    onAsked?.();
  };
  const seeds = () => [...crypto.getRandomValues(new Uint32Array(VARIATIONS))];
  const name = `picture ${run.number}`;
  const title = other ? `It was made by ${run.model.title}; choose that model first.` : undefined;
  return (
    <>
      <button
        type="button"
        className="button"
        aria-label={`Again, ${name}`}
        disabled={other}
        title={title}
        onClick={() => ask([againOf(run, seeds()[0])])}
      >
        Again
      </button>
      <button
        type="button"
        className="button"
        aria-label={`Vary ${name} a little`}
        disabled={other}
        title={title}
        onClick={() => ask(variationsOf(run, STRENGTHS.subtle, seeds()))}
      >
        Vary a little
      </button>
      <button
        type="button"
        className="button"
        aria-label={`Vary ${name} a lot`}
        disabled={other}
        title={title}
        onClick={() => ask(variationsOf(run, STRENGTHS.strong, seeds()))}
      >
        Vary a lot
      </button>
      <button
        type="button"
        className="button"
        aria-label={`Upscale ${name}`}
        disabled={problem !== undefined}
        title={problem}
        onClick={() => ask([upscaledOf(run)])}
      >
        Upscale
      </button>
    </>
  );
}
