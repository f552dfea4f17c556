import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useDarkroom } from "../ui/context";
import type { Offer } from "./unfinished";

/** After a crash, a closed tab or a reload: the runs that were broken off, and the offer to go on. */
export function UnfinishedNotice() {
  const { unfinished, models, goOn } = useDarkroom();
  const { offers, problem } = useStore(unfinished.store, (state) => state);
  const info = useStore(models.store, modelInfo);
  return (
    <div className="notices" role="status" aria-label="Unfinished runs">
      {problem && (
        <p className="notice">
          <span>{problem}</span>
        </p>
      )}
      {info && offers.length > 0 && (
        <p className="notice">
          <span>{sentence(offers)}</span>
          <button type="button" className="button" onClick={() => void goOn()}>
            Go on
          </button>
          <button type="button" className="button" onClick={() => void unfinished.discard()}>
            Discard
          </button>
        </p>
      )}
    </div>
  );
}

function sentence(offers: readonly Offer[]): string {
  const [{ record, steps }] = offers;
  const { prompt, steps: total } = record.asked.settings;
  const where = steps === 0 ? "before its first step" : `after step ${steps} of ${total}`;
  if (offers.length === 1) return `A run was broken off ${where}: ${prompt || "without a prompt"}`;
  return `${offers.length} runs were broken off, the first one ${where}: ${prompt || "without a prompt"}`;
}
