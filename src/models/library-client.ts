/** The page's side of the model library: its worker is started when it is first asked. */
import * as Comlink from "comlink";
import type { ModelLibrary } from "../../workers/protocol";

/** @throws Error where the page has no workers */
export type OpenLibrary = () => Comlink.Remote<ModelLibrary>;

export function libraryOpener(): OpenLibrary {
  let remote: Comlink.Remote<ModelLibrary> | undefined;
  return () => {
    remote ??= Comlink.wrap<ModelLibrary>(
      new Worker(new URL("../../workers/library.worker.ts", import.meta.url), { type: "module", name: "library" }),
    );
    return remote;
  };
}
