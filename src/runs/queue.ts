/** The queue of runs: one at a time, in the order in which they were asked for. Knows no React and no DOM. */
import type { GenerateRequest, ModelInfo, Picture } from "../../workers/protocol";
import { type EngineClient, toEngineError } from "../engine/client";
import { newId } from "../state/id";
import { createStore, type ReadOnlyStore } from "../state/store";
import { decodedKey, isOver, type NewRun, type Run, type View } from "./run";
import { stageOf } from "./steps";

export interface QueueState {
  /** every run of this visit, oldest first */
  runs: readonly Run[];
  /** the run that is looked at; null follows the one that runs, or the latest */
  picked: string | null;
  /** the step that is looked at; null is the newest, and the picture once there is one */
  step: number | null;
  view: View;
  /** the step that is being decoded in full */
  decoding: { run: string; key: string } | null;
  decodeError: string | null;
  /** another tab is generating, and this one's runs wait for it */
  otherTab: boolean;
  /** what the last `cancelAll` took out and `putBack` brings back */
  removed: readonly Run[];
}

export interface Queue {
  store: ReadOnlyStore<QueueState>;
  add(model: ModelInfo, asked: NewRun[]): void;
  /** Ends the running one within a step; its steps stay, and the next one begins. */
  skip(): void;
  /** Takes a waiting run out. */
  remove(id: string): void;
  /** Ends the running one within a step and takes out every waiting one: nothing begins by itself afterwards. */
  cancelAll(): void;
  /** Queues again what the last `cancelAll` took out. */
  putBack(): void;
  /** Moves a waiting run so many places among the waiting ones; below 0 is earlier. */
  move(id: string, by: number): void;
  setOtherTab(otherTab: boolean): void;
  pick(id: string): void;
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
  /** with the run for its picture, without for a step of it */
  toPng: (picture: Picture, run?: Run) => Promise<Blob>,
  /** does the job when it is this tab's turn */
  turn: (job: () => Promise<void>) => Promise<void> = (job) => job(),
): Queue {
  const store = createStore<QueueState>({
    runs: [],
    picked: null,
    step: null,
    view: "denoised",
    decoding: null,
    decodeError: null,
    otherTab: false,
    removed: [],
  });
  let count = 0;
  let busy = false;
  let running: AbortController | null = null;

  const change = (id: string, patch: (run: Run) => Partial<Run>) =>
    store.set(({ runs }) => ({ runs: runs.map((run) => (run.id === id ? { ...run, ...patch(run) } : run)) }));

  const waiting = () => store.get().runs.filter(({ status }) => status === "queued");

  async function next(): Promise<void> {
    if (busy) return;
    busy = true;
    while (waiting().length > 0) {
      let begun = false;
      const job = () => {
        begun = true;
        return runFirst();
      };
      try {
        await turn(job);
      } catch {
        if (!begun) await job(); // a turn that cannot be had must keep no run waiting
      }
    }
    busy = false;
  }

  async function runFirst(): Promise<void> {
    // Which one is first is known when the turn comes: it may have been moved or taken out.
    const run = waiting().at(0);
    if (!run) return;
    running = new AbortController();
    const { signal } = running;
    if (store.get().picked === null) store.set({ step: null });
    change(run.id, () => ({ status: "running" }));
    try {
      const result = await engine.generate(
        requestOf(run),
        (step) => change(run.id, ({ steps }) => ({ steps: [...steps, step], fetching: null })),
        signal,
        (fetching) => change(run.id, () => ({ fetching })),
      );
      const png = await toPng(result.output.picture, run);
      change(run.id, () => ({ status: "done", result, png }));
    } catch (caught) {
      const error = toEngineError(caught);
      change(run.id, () => (error.name === "Cancelled" ? { status: "cancelled" } : { status: "failed", error }));
    } finally {
      running = null;
    }
  }

  return {
    store,
    add(model, asked) {
      const added = asked.map(
        (one): Run => ({
          ...one,
          id: newId(),
          number: ++count,
          model,
          status: "queued",
          steps: one.resume?.steps ?? [],
          result: null,
          png: null,
          decoded: {},
          error: null,
        }),
      );
      store.set(({ runs }) => ({
        runs: [...runs, ...added],
        picked: null,
        step: null,
        decodeError: null,
        removed: [],
      }));
      void next();
    },
    skip: () => running?.abort(),
    remove: (id) => store.set(({ runs }) => ({ runs: runs.filter((run) => run.id !== id || run.status !== "queued") })),
    cancelAll() {
      const removed = waiting();
      store.set(({ runs }) => ({ runs: runs.filter(({ status }) => status !== "queued"), removed }));
      running?.abort();
    },
    putBack() {
      store.set(({ runs, removed }) => ({ runs: [...runs, ...removed], removed: [] }));
      void next();
    },
    move(id, by) {
      const ids = waiting().map((run) => run.id);
      const from = ids.indexOf(id);
      const to = Math.max(0, Math.min(ids.length - 1, from + by));
      if (from < 0 || from === to) return;
      ids.splice(to, 0, ...ids.splice(from, 1));
      store.set(({ runs }) => {
        const byId = new Map(runs.map((run) => [run.id, run]));
        // The waiting ones keep the places that they have among all runs.
        return { runs: runs.map((run) => (run.status === "queued" ? (byId.get(ids.shift() ?? "") ?? run) : run)) };
      });
    },
    setOtherTab: (otherTab) => store.set({ otherTab }),
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
        const { picture } = await engine.decode(step[state.view], stageOf(step).space);
        const png = await toPng(picture);
        change(run.id, ({ decoded }) => ({ decoded: { ...decoded, [key]: png } }));
      } catch (caught) {
        store.set({ decodeError: toEngineError(caught).message });
      } finally {
        store.set({ decoding: null });
      }
    },
  };
}

function requestOf({ settings, image, mask, resume }: NewRun): GenerateRequest {
  return { settings, ...(image && { image }), ...(mask && { mask }), ...(resume && { resume }) };
}
