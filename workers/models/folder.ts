/** A model's folder as it is read: every file once, checked where darkroom.json lists it, with one progress for all. */
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import { externalLocations } from "./external-data.ts";
import { type Manifest, type ModelFiles, orMissing, parseJson, readChecked, readManifest } from "./model-files.ts";
import type { ExternalData } from "./network.ts";

export interface Folder {
  readonly manifest: Manifest | undefined;
  /** @throws EngineError ModelFileMissing, ModelFileCorrupt, NetworkFailed */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  json<T>(path: string): Promise<T>;
  /** undefined where the folder has no such file */
  optionalJson<T>(path: string): Promise<T | undefined>;
  optionalText(path: string): Promise<string | undefined>;
  /** a graph and the files that hold its weights */
  graph(path: string): Promise<{ bytes: Uint8Array<ArrayBuffer>; externalData: ExternalData[] }>;
  /** tells that a session is being made of a graph */
  session(path: string): void;
}

/** @param isRead whether a file that darkroom.json lists will be read: the total of the progress */
export async function openFolder(
  files: ModelFiles,
  isRead: (path: string) => boolean,
  onProgress: (progress: LoadProgress) => void,
): Promise<Folder> {
  const manifest = await readManifest(files);
  const listed = Object.entries(manifest?.files ?? {}).filter(([path]) => isRead(path));
  const expectedBytes = listed.reduce((sum, [, { bytes }]) => sum + bytes, 0);
  let doneBytes = 0;
  const report = (stage: LoadProgress["stage"], file: string, loaded: number) => {
    const loadedBytes = doneBytes + loaded;
    onProgress({ stage, file, loadedBytes, totalBytes: Math.max(expectedBytes, loadedBytes) });
  };
  const read = async (path: string) => {
    const bytes = manifest
      ? await readChecked(files, manifest, path, (stage, loaded) => report(stage, path, loaded))
      : await files.read(path, { onProgress: (loaded) => report("fetch", path, loaded) });
    doneBytes += bytes.length;
    return bytes;
  };
  const optional = (path: string) => orMissing(read(path));
  return {
    manifest,
    read,
    json: async <T>(path: string) => parseJson<T>(path, await read(path)),
    async optionalJson<T>(path: string) {
      const bytes = await optional(path);
      return bytes && parseJson<T>(path, bytes);
    },
    async optionalText(path) {
      const bytes = await optional(path);
      return bytes && new TextDecoder().decode(bytes);
    },
    async graph(path) {
      const bytes = await read(path);
      const folder = path.slice(0, path.lastIndexOf("/") + 1);
      const externalData: ExternalData[] = [];
      for (const location of externalLocations(path, bytes)) {
        externalData.push({ path: location, data: await read(folder + location.replace(/^\.\//, "")) });
      }
      return { bytes, externalData };
    },
    session: (path) => report("session", path, 0),
  };
}

/** model_index.json: which classes a pipeline is made of. */
export interface ModelIndex {
  readonly _class_name?: string;
  /** SDXL: an absent negative prompt is zeros instead of an empty text */
  readonly force_zeros_for_empty_prompt?: boolean;
  /** a part: library and class, both null where the pipeline goes without */
  readonly [part: string]: unknown;
}

/** The class that the index names for a part; undefined where it names none. */
export function partClass(index: ModelIndex, part: string): string | undefined {
  const entry = index[part];
  return Array.isArray(entry) && typeof entry[1] === "string" ? entry[1] : undefined;
}

/** @throws EngineError ModelFileMissing when the folder is no model */
export async function readIndex(folder: Folder): Promise<ModelIndex> {
  const index = await folder.optionalJson<ModelIndex>("model_index.json");
  if (index) return index;
  throw new EngineError(
    "ModelFileMissing",
    "The folder has neither darkroom.json nor model_index.json; choose the folder that an export to ONNX wrote.",
  );
}
