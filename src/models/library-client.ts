/** The page's side of the model library: its worker is started when it is first asked. */
import * as Comlink from "comlink";
import libraryUrl from "../../workers/library.worker.ts?worker&url";
import type { ModelLibrary } from "../../workers/protocol";
import { startWorker } from "../storage/start-worker";

/** @throws Error where the page has no workers */
export type OpenLibrary = () => Comlink.Remote<ModelLibrary>;

export function libraryOpener(): OpenLibrary {
  let remote: Comlink.Remote<ModelLibrary> | undefined;
  return () => {
    remote ??= Comlink.wrap<ModelLibrary>(startWorker(libraryUrl, "library"));
    return remote;
  };
}
