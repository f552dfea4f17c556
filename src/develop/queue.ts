/** The queue of runs: one at a time, in the order in which they were asked for. Knows no React and no DOM. */
import type { ModelInfo, Picture, Settings } from "../../workers/protocol";
import { type EngineClient, toEngineError } from "../engine";
import { createStore, type Store } from "../state/store";
import { decodedKey, isOver, type Run, type View } from "./run";

export interface QueueState {
  /** every run of this visit, oldest first */
  runs: readonly Run[];
  /** the run that is looked at; null follows the one that runs, or the latest */
  picked: number | null;
  /** the step that is looked at; null is the newest, and the picture once there is one */
  step: number | null;
  view: View;
  /** the step that is being decoded in full */
  decoding: { run: number; key: string } | null;
  decodeError: string | null;
}

export interface Queue {
  store: Store<QueueState>;
  add(model: ModelInfo, settings: Settings[]): void;
  /** Ends the running one within a step; its steps stay. */
  cancel(): void;
  /** Takes a waiting run out. */
  remove(id: number): void;
  pick(id: number): void;
  scrub(step: number | null): void;
  look(view: View): void;
  decode(): Promise<void>;
}

/** The run that is looked at. */
export function shownRun({ runs, picked }: QueueState): Run | null {
  return (
    runs.find((run) => run.id === picked) ??
    runs.find((run) => run.status === "running") ??
    runs.findLast(isOver) ??
    runs[0] ??
    null
  );
}

export function createQueue(
  engine: Pick<EngineClient, "generate" | "decode">,
  toPng: (picture: Picture) => Promise<Blob>,
): Queue {
  const store = createStore<QueueState>({
    runs: [],
    picked: null,
    step: null,
    view: "denoised",
    decoding: null,
    decodeError: null,
  });
  let lastId = 0;
  let running: AbortController | null = null;

  const change = (id: number, patch: (run: Run) => Partial<Run>) =>
    store.set(({ runs }) => ({ runs: runs.map((run) => (run.id === id ? { ...run, ...patch(run) } : run)) }));

  async function next(): Promise<void> {
    const run = store.get().runs.find(({ status }) => status === "queued");
    if (running || !run) return;
    running = new AbortController();
    const { signal } = running;
    if (store.get().picked === null) store.set({ step: null });
    change(run.id, () => ({ status: "running" }));
    try {
      const result = await engine.generate(
        { settings: run.settings },
        (step) => change(run.id, ({ steps }) => ({ steps: [...steps, step] })),
        signal,
      );
      const png = await toPng(result.picture);
      change(run.id, () => ({ status: "done", result, png }));
    } catch (caught) {
      const error = toEngineError(caught);
      change(run.id, () => (error.name === "Cancelled" ? { status: "cancelled" } : { status: "failed", error }));
    } finally {
      running = null;
      void next();
    }
  }

  return {
    store,
    add(model, settings) {
      const added = settings.map(
        (one): Run => ({
          id: ++lastId,
          model,
          settings: one,
          status: "queued",
          steps: [],
          result: null,
          png: null,
          decoded: {},
          error: null,
        }),
      );
      store.set(({ runs }) => ({ runs: [...runs, ...added], picked: null, step: null, decodeError: null }));
      void next();
    },
    cancel: () => running?.abort(),
    remove: (id) => store.set(({ runs }) => ({ runs: runs.filter((run) => run.id !== id || run.status !== "queued") })),
    pick(id) {
      const run = store.get().runs.find((one) => one.id === id);
      store.set({ picked: run?.status === "running" ? null : id, step: null, decodeError: null });
    },
    scrub(step) {
      const run = shownRun(store.get());
      // On the newest step of a run that goes on, go on with it.
      const newest = run !== null && step === run.steps.length - 1;
      store.set({ step: newest ? null : step, decodeError: null });
    },
    look: (view) => store.set({ view, decodeError: null }),
    async decode() {
      const state = store.get();
      const run = shownRun(state);
      const index = state.step ?? (run ? run.steps.length - 1 : -1);
      const step = run?.steps[index];
      const key = decodedKey(index, state.view);
      if (!run || !step || state.decoding || run.decoded[key]) return;
      store.set({ decoding: { run: run.id, key }, decodeError: null });
      try {
        const png = await toPng(await engine.decode(step[state.view]));
        change(run.id, ({ decoded }) => ({ decoded: { ...decoded, [key]: png } }));
      } catch (caught) {
        store.set({ decodeError: toEngineError(caught).message });
      } finally {
        store.set({ decoding: null });
      }
    },
  };
}
