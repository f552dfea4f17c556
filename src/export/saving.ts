/** Saving what is looked at, as a picture, a contact sheet or a time-lapse: one file at a time, with progress and cancel. */
import type { Picture, Step } from "../../workers/protocol";
import type { EngineClient } from "../engine/client";
import { toEngineError } from "../engine/client";
import { fileName } from "../outputs/picture/png";
import { decodedKey, type Run, type View } from "../runs/run";
import { stageOf, stepNumber } from "../runs/steps";
import { createStore, type ReadOnlyStore } from "../state/store";
import { contactSheet } from "./contact-sheet";
import { encodePicture, type PictureFormat } from "./encode";
import { framesOf } from "./frames";
import { timeLapse } from "./time-lapse";

export type SaveKind = PictureFormat | "sheet" | "video";

export interface SaveOptions {
  kind: SaveKind;
  /** of JPEG and WebP, 1 to 100 */
  quality: number;
  view: View;
  /** steps through the VAE's decoder, instead of the cheap previews */
  full: boolean;
  /** of a time-lapse */
  stepsPerSecond: number;
}

export interface SavingState {
  /** null while nothing is being saved */
  job: { done: number; total: number } | null;
  error: string | null;
  /** the name of the file that was saved last */
  saved: string | null;
}

export interface Saving {
  store: ReadOnlyStore<SavingState>;
  /** @param place of the step that is looked at in the run's list; the last one is the picture itself */
  save(run: Run, place: number, options: SaveOptions): Promise<void>;
  cancel(): void;
  /** Forgets the last file and error. */
  clear(): void;
}

export interface SavingParts {
  decode: EngineClient["decode"];
  toPng(picture: Picture, run: Run): Promise<Blob>;
  /** Hands a file to the visitor. */
  download(blob: Blob, name: string): void;
  /** id of the model that is loaded, which `decode` decodes with */
  loadedModel(): string | undefined;
}

/** A file name from the prompt's first words, the seed and what it is. */
export function exportName({ settings }: Pick<Run, "settings">, what: string, extension: string): string {
  return fileName(settings.prompt, settings.seed).replace(/\.png$/, `${what}.${extension}`);
}

export function createSaving({ decode, toPng, download, loadedModel }: SavingParts): Saving {
  const store = createStore<SavingState>({ job: null, error: null, saved: null });
  let running: AbortController | null = null;

  const decodeOf = (run: Run) => async (step: Step, view: View) => {
    if (loadedModel() === run.model.id) return (await decode(step[view], stageOf(step).space)).picture;
    throw new Error(
      `These steps were made with ${run.model.title}, which is not loaded; load it to decode them, or save previews.`,
    );
  };

  async function pictureOf(run: Run, place: number, view: View): Promise<Blob> {
    const last = place === run.steps.length - 1;
    const known = (last && run.png) || run.decoded[decodedKey(place, view)];
    if (known) return known;
    return toPng(await decodeOf(run)(run.steps[place], view), run);
  }

  async function make(run: Run, place: number, options: SaveOptions, signal: AbortSignal): Promise<[Blob, string]> {
    const { kind, quality, view } = options;
    if (kind === "sheet" || kind === "video") {
      const frames = framesOf(run, options, decodeOf(run), signal);
      const count = (done: number) => store.set({ job: { done, total: run.steps.length } });
      count(0);
      if (kind === "sheet") return [await contactSheet(run, frames, count), exportName(run, "-steps", "png")];
      const { blob, format } = await timeLapse(run, frames, options.stepsPerSecond, count);
      return [blob, exportName(run, "-time-lapse", format.container)];
    }
    const where = place === run.steps.length - 1 && run.png ? "" : `-step-${stepNumber(run.steps[place])}`;
    const png = await pictureOf(run, place, view);
    signal.throwIfAborted();
    const blob = kind === "png" ? png : await encodePicture(png, kind, quality);
    return [blob, exportName(run, where, kind === "jpeg" ? "jpg" : kind)];
  }

  return {
    store,
    async save(run, place, options) {
      if (running) return;
      running = new AbortController();
      const { signal } = running;
      store.set({ job: { done: 0, total: 0 }, error: null, saved: null });
      try {
        const [blob, name] = await make(run, place, options, signal);
        if (signal.aborted) return;
        download(blob, name);
        store.set({ saved: name });
      } catch (caught) {
        if (!signal.aborted) store.set({ error: toEngineError(caught).message });
      } finally {
        running = null;
        store.set({ job: null });
      }
    },
    cancel: () => running?.abort(),
    clear: () => store.set({ error: null, saved: null }),
  };
}
