import { useCommands } from "../actions/commands";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useStore } from "../state/useStore";
import { useUnfinished } from "./context";
import type { Offer } from "./unfinished";

/** After a crash, a closed tab or a reload: the interrupted runs, and the offer to resume them. */
export function UnfinishedNotice() {
  const unfinished = useUnfinished();
  const models = useModels();
  const { goOn } = useCommands();
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
          <span>
            {sentence(offers)}: <bdi>{offers[0].record.asked.settings.prompt || "without a prompt"}</bdi>
          </span>
          <button type="button" className="button" onClick={() => void goOn()}>
            Resume
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
  const total = record.asked.settings.steps;
  const where = steps === 0 ? "before its first step" : `after step ${steps} of ${total}`;
  if (offers.length === 1) return `A run was interrupted ${where}`;
  return `${offers.length} runs were interrupted, the first one ${where}`;
}
