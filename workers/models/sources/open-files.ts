/** The files of a model, wherever they come from. A new source is one line here. */
import type { ModelSource } from "../../protocol.ts";
import { openLibrary } from "./cache/library.ts";
import { filesIn } from "./folder-files.ts";
import { httpFiles } from "./http-files.ts";
import { cachedFiles } from "./hub/hub-files.ts";
import type { ModelFiles } from "./model-files.ts";

/** @throws EngineError ModelFileMissing when a stored model is no longer there */
export async function openModelFiles(source: ModelSource): Promise<ModelFiles> {
  if ("url" in source) return httpFiles(source);
  if ("folder" in source) return filesIn(source.folder);
  const library = await openLibrary();
  return cachedFiles((await library.find(source.id)).files, library.contents);
}
