/** The pace of each model on this device, measured by its runs and kept for the next visit. */
import type { ModelInfo } from "../../workers/protocol";
import type { Queue } from "../runs/queue";
import { changedStatus, millisecondsPerStep } from "../runs/run";
import { createStore, type ReadOnlyStore } from "../state/store";
import type { KeptTexts } from "../storage/browser";
import { type Pace, paceOf } from "./estimate";

const KEY = "darkroom.paces";

export type Paces = Readonly<Record<string, Pace>>;

/** A model runs at another pace on another backend. */
export function paceKey({ id, backend }: ModelInfo): string {
  return `${id} ${backend.kind}`;
}

export function createPaces(queue: Pick<Queue, "store">, storage: KeptTexts | null): ReadOnlyStore<Paces> {
  const store = createStore<Record<string, Pace>>(readPaces(storage));
  queue.store.subscribe(({ runs }, previous) => {
    const run = changedStatus(runs, previous.runs).find(({ status }) => status === "done");
    if (!run?.result) return;
    const { settings, model, steps, result, image } = run;
    const each = millisecondsPerStep(steps);
    // A second pass runs at another size, and a start image goes through the encoder, too.
    if (!each || settings.highResolution || image) return;
    store.set({ [paceKey(model)]: paceOf(settings, model, each, result.timings.decode, result.peakMemory) });
    storage?.setItem(KEY, JSON.stringify(store.get()));
  });
  return store;
}

function readPaces(storage: KeptTexts | null): Record<string, Pace> {
  try {
    const kept: unknown = JSON.parse(storage?.getItem(KEY) ?? "null");
    if (typeof kept !== "object" || kept === null) return {};
    return Object.fromEntries(Object.entries(kept).filter(([, pace]) => isPace(pace)));
  } catch {
    return {};
  }
}

function isPace(value: unknown): value is Pace {
  const pace = value as Partial<Pace> | null;
  return [pace?.evaluation, pace?.decoding, pace?.memory].every((one) => typeof one === "number" && one >= 0);
}
