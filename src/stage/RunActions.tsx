import { ActionButton } from "../actions/ActionButton";
import { actionsAt, type RunContext, useActions } from "../actions/action";
import { useModels } from "../models/context";
import { modelInfo } from "../models/loading";
import { useQueue } from "../runs/context";
import { decodedKey, isOver, type Run } from "../runs/run";
import { useStore } from "../state/useStore";
import { useDialog } from "../ui/DialogHost";

/** What can be done with the run that is looked at, once it is over. */
export function RunActions({ run }: { run: Run }) {
  const queue = useStore(useQueue().store, (state) => state);
  const info = useStore(useModels().store, modelInfo);
  const show = useDialog();
  const actions = useActions();
  if (!isOver(run)) return null;
  const newest = run.steps.length - 1;
  const place = Math.min(queue.step ?? newest, newest);
  const shown = (place === newest && run.png) || (run.decoded[decodedKey(place, queue.view)] ?? null);
  const context: RunContext = { run, place, shown, queue, info, show };
  return actionsAt(actions, "run").map((action) => (
    <ActionButton key={action.name} action={action} context={context} className="button" />
  ));
}
