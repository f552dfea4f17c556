/** The models kept in this browser: the cache's place in the origin private file system. */
import { type ModelCache, modelCache } from "./model-index.ts";
import { opfsStore } from "./opfs-store.ts";

/** Bytes that are fetched, written and, where they are wrong, fetched again together. */
const PART = 2 ** 23;

/** @throws EngineError where the browser keeps no files for the page */
export async function openLibrary(): Promise<ModelCache> {
  const [records, contents] = await Promise.all([opfsStore("library", "records"), opfsStore("library", "contents")]);
  return modelCache(records, contents, PART);
}
