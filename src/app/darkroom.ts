/** The page's core: the engine, the form, the models and the queue, and what ties them. Knows no React. */
import type { DevicePreference, ModelInfo } from "../../workers/protocol";
import type { Commands } from "../actions/commands";
import { createEngine, type EngineClient, type EngineOptions } from "../engine/client";
import { createPaces, type Paces } from "../estimate/paces";
import { createSaving, type Saving } from "../export/saving";
import { createGallery, type Gallery } from "../gallery/gallery";
import { shrink } from "../gallery/shrink";
import { fitPicture, readPicture, resizeMask } from "../image/raster";
import { createStartImage, type StartImage, startImageProblem } from "../image/start-image";
import { createLoras, isLora, type Loras } from "../loras/loras";
import { createOpening, type Opening } from "../metadata/opening";
import { madeOf, withSettings } from "../metadata/write-settings";
import { libraryOpener } from "../models/library-client";
import { createModels, type Models, modelInfo } from "../models/loading";
import { createShelf, type ModelShelf } from "../models/shelf";
import { download, toPng } from "../outputs/picture/png";
import { createPlots, type Plots } from "../plot/plot";
import { browserNotifications, createNotifications, type Notifications } from "../queue/notifications";
import { openDatabase } from "../records/database";
import { createQueue, type Queue } from "../runs/queue";
import { changedStatus, type NewRun } from "../runs/run";
import type { Session } from "../runs/session";
import { emptyForm, type Form, formErrors, fromSettings, randomSeed, toRuns, withDefaults } from "../settings/form";
import { keepForm, readForm } from "../settings/saved-form";
import { type Press, repeatedRun } from "../stage/repeat";
import { newId } from "../state/id";
import { createStore, type ReadOnlyStore, type Store } from "../state/store";
import { channelOf, type KeptTexts, locked, webLocks } from "../storage/browser";
import { openFiles } from "../storage/files";
import { type Kept, watchKept } from "../storage/kept";
import { liveTabs, nameTab, tabGone, takeTurn } from "../storage/tabs";
import { type Branching, createBranching } from "../timeline/branching";
import { createPlayback, type Playback } from "../timeline/playback";
import { createUnfinished, type Unfinished } from "../unfinished/unfinished";

export interface Darkroom {
  engine: EngineClient;
  form: Store<Form>;
  models: Models;
  shelf: ModelShelf;
  loras: Loras;
  queue: Queue;
  playback: Playback;
  branching: Branching;
  saving: Saving;
  gallery: Gallery;
  plots: Plots;
  /** settings from files and links */
  opening: Opening;
  notifications: Notifications;
  /** runs that outlast their tab */
  unfinished: Unfinished;
  startImage: StartImage;
  /** how long each model takes on this device */
  paces: ReadOnlyStore<Paces>;
  session: Store<Session>;
  /** what the browser keeps for this page */
  kept: ReadOnlyStore<Kept>;
  /** what survives a reload; null where the browser blocks it */
  storage: KeptTexts | null;
  commands: Commands;
}

export interface DarkroomOptions {
  device: DevicePreference;
  storage: KeptTexts | null;
  startWorker?: EngineOptions["startWorker"];
}

export function createDarkroom({ device, storage, startWorker }: DarkroomOptions): Darkroom {
  const session = createStore<Session>({ waiting: [], restart: "none", repeat: null });
  const engine = createEngine({
    ...(startWorker ? { startWorker } : {}),
    onRestart: () => session.set({ restart: "under way" }),
    onRestarted(info) {
      session.set({ restart: "done" });
      models.restarted(info);
    },
  });
  const form = createStore<Form>({ ...emptyForm(), ...readForm(storage) });
  const shelf = createShelf(libraryOpener(), () => models, storage);
  const loras = createLoras(() => openFiles("loras"), storage);
  const models: Models = createModels(engine, device, shelf.entries, loras.filesFor);
  const locks = webLocks();
  const queue = createQueue(
    engine,
    async (picture, run) => {
      const png = await toPng(picture);
      return run ? withSettings(png, madeOf(run)) : png;
    },
    takeTurn(locks, (waiting) => queue.setOtherTab(waiting)),
  );
  const playback = createPlayback(queue, () => matchMedia("(prefers-reduced-motion: reduce)").matches);
  const branching = createBranching(queue, form);
  const saving = createSaving({
    decode: engine.decode,
    toPng,
    download,
    loadedModel: () => modelInfo(models.store.get())?.id,
  });
  const opening = createOpening(form, () => modelInfo(models.store.get()), branching.leave);
  const startImage = createStartImage({ read: readPicture, fitTo: fitPicture, resizeMask });
  const database = openDatabase();
  const galleryFiles = openFiles("gallery");
  const unfinished = createUnfinished({
    open: () => database,
    tab: nameTab(locks),
    tabs: () => liveTabs(locks),
    gone: (tab) => tabGone(locks, tab),
    channel: channelOf("darkroom.unfinished"),
  });
  queue.store.subscribe(({ runs }) => unfinished.watch(runs));
  const gallery = createGallery({
    open: async () => ({ database: await database, files: await galleryFiles }),
    shrink,
    locked: (job) => locked(locks, "darkroom.gallery", job),
    channel: channelOf("darkroom.gallery"),
  });
  queue.store.subscribe(({ runs }, previous) => {
    for (const run of changedStatus(runs, previous.runs)) {
      if (run.status === "done") void gallery.keep(run).then(() => unfinished.settle(run.id));
    }
  });
  keepForm(form, storage);

  const loadAgain = () => {
    const { id } = models.store.get();
    return id ? models.load(id) : models.open(form.get().model);
  };
  globalThis.addEventListener?.("online", () => {
    const { loading } = models.store.get();
    if (loading.kind === "failed" && loading.error.name === "NetworkFailed") void loadAgain();
  });

  /** The form's runs, with the start image where there is one. */
  const enqueue = (info: ModelInfo, asked: NewRun[]) => {
    const batch = asked.length > 1 ? { batch: newId() } : {};
    const runs = asked.map((run) => ({ ...run, ...batch }));
    if (!startImage.store.get().source) return queue.add(info, runs);
    void startImage.withStart(runs).then((started) => queue.add(info, started));
  };

  let press: Press | null = null;
  const forgetRepeat = () => session.get().repeat !== null && session.set({ repeat: null });
  form.subscribe(forgetRepeat);
  startImage.store.subscribe(forgetRepeat);

  models.store.subscribe((state, previous) => {
    const info = modelInfo(state);
    if (!info || info === modelInfo(previous)) return;
    form.set((typed) => withDefaults(typed, info));
    opening.modelLoaded();
    if (state.list.some(({ id, source }) => id === info.id && !source)) void shelf.keepBuiltIn();
    const { waiting } = session.get();
    session.set({ waiting: [] });
    for (const one of waiting) {
      const filled = withDefaults(one, info);
      if (Object.keys(formErrors(filled, info)).length === 0) enqueue(info, toRuns(filled));
    }
  });

  const commands: Commands = {
    generate(again = false) {
      const state = models.store.get();
      const info = modelInfo(state);
      if (Object.keys(formErrors(form.get(), info)).length > 0) return false;
      session.set({ restart: "none", repeat: null });
      if (info && branching.store.get().branch) return branching.generate(info);
      if (startImageProblem(startImage.store.get(), info)) return false;
      if (form.get().newSeed) form.set({ seed: randomSeed() });
      if (info) {
        const asked: Press = { info, runs: toRuns(form.get()), start: startImage.store.get() };
        const repeated = again ? null : repeatedRun(asked, press, queue.store.get().runs);
        if (repeated) {
          session.set({ repeat: repeated.number });
          return true;
        }
        press = asked;
        enqueue(info, [...asked.runs]);
        return true;
      }
      session.set(({ waiting }) => ({ waiting: [...waiting, form.get()] }));
      if (state.loading.kind === "failed" || state.loading.kind === "cancelled") void loadAgain();
      return true;
    },
    async takeFile(file) {
      if (isLora(file)) return loras.drop(file, models.store.get().id);
      // A picture without settings is one to start from.
      if (!(await opening.take(file))) await startImage.take(file, file.name);
    },
    async goOn() {
      const id = unfinished.store.get().offers.at(0)?.record.model.id;
      if (id && id !== modelInfo(models.store.get())?.id) await models.load(id);
      const info = modelInfo(models.store.get());
      if (!info) return; // the model says why it could not be loaded
      queue.add(info, await unfinished.take(info));
      await unfinished.taken();
    },
    reuse({ settings }) {
      branching.leave();
      form.set((typed) => fromSettings(typed, settings));
    },
  };

  return {
    engine,
    form,
    models,
    shelf,
    loras,
    queue,
    playback,
    branching,
    saving,
    gallery,
    plots: createPlots(queue, startImage.withStart),
    opening,
    notifications: createNotifications(queue, browserNotifications(storage)),
    unfinished,
    startImage,
    paces: createPaces(queue, storage),
    session,
    kept: watchKept(storage !== null, database, galleryFiles),
    storage,
    commands,
  };
}
