/** The page's core: the engine, the form, the models and the queue, and what ties them. Knows no React. */
import type { DevicePreference, ModelInfo } from "../workers/protocol";
import { emptyForm, type Form, formErrors, fromSettings, randomSeed, toSettings, withDefaults } from "./develop/form";
import { toPng } from "./develop/png";
import { createQueue, type Queue } from "./develop/queue";
import type { Run } from "./develop/run";
import { keepForm, readForm } from "./develop/savedForm";
import { createEngine, type EngineClient, type EngineOptions } from "./engine";
import { createModels, type Models, modelInfo } from "./models/loading";
import { createStore, type Store } from "./state/store";

export interface Session {
  /** what Generate was pressed with before the model was there */
  waiting: Form[];
  /** the engine died and is (or was) started again */
  restart: "none" | "under way" | "done";
}

export interface Darkroom {
  engine: EngineClient;
  form: Store<Form>;
  models: Models;
  queue: Queue;
  session: Store<Session>;
  device: DevicePreference;
  /** what survives a reload; null where the browser blocks it */
  storage: Storage | null;
  /** Asks for the pictures of the form. False where a setting is out of range: nothing is asked for then. */
  generate(): boolean;
  /** Takes a run's settings over into the form. */
  reuse(run: Run): void;
}

export interface DarkroomOptions {
  device: DevicePreference;
  storage: Storage | null;
  startWorker?: EngineOptions["startWorker"];
}

export function createDarkroom({ device, storage, startWorker }: DarkroomOptions): Darkroom {
  const session = createStore<Session>({ waiting: [], restart: "none" });
  const engine = createEngine({
    ...(startWorker ? { startWorker } : {}),
    onRestart: () => session.set({ restart: "under way" }),
    onRestarted(info) {
      session.set({ restart: "done" });
      models.store.set({ loading: { kind: "ready", info } });
    },
  });
  const form = createStore<Form>({ ...emptyForm(), ...readForm(storage) });
  const models = createModels(engine, device);
  const queue = createQueue(engine, toPng);
  keepForm(form, storage);

  let known: ModelInfo | null = null;
  models.store.subscribe(() => {
    const info = modelInfo(models.store.get());
    if (info === known) return;
    known = info;
    if (!info) return;
    form.set((typed) => withDefaults(typed, info));
    const { waiting } = session.get();
    session.set({ waiting: [] });
    for (const one of waiting) {
      const filled = withDefaults(one, info);
      if (Object.keys(formErrors(filled, info)).length === 0) queue.add(info, toSettings(filled));
    }
  });

  return {
    engine,
    form,
    models,
    queue,
    session,
    device,
    storage,
    generate() {
      const state = models.store.get();
      const info = modelInfo(state);
      if (Object.keys(formErrors(form.get(), info)).length > 0) return false;
      session.set({ restart: "none" });
      if (form.get().newSeed) form.set({ seed: randomSeed() });
      if (info) {
        queue.add(info, toSettings(form.get()));
        return true;
      }
      session.set(({ waiting }) => ({ waiting: [...waiting, form.get()] }));
      if (state.loading.kind === "failed" || state.loading.kind === "cancelled")
        void (state.id ? models.load(state.id) : models.open(form.get().model));
      return true;
    },
    reuse: (run) => form.set((typed) => fromSettings(typed, run.settings)),
  };
}
