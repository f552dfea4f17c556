/** A model's folder as it is read: every file once, checked where darkroom.json lists it, with one progress for all. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import type { LoadProgress } from "../../protocol.ts";
import type { GraphFile } from "../formats/graph-file.ts";
import { optional as optionalField, readJson, type WithoutNulls, withoutNulls } from "../formats/json.ts";
import { readGraph } from "../formats/onnx-graph.ts";
import { detachWeights, inlineNested } from "../formats/onnx-weights.ts";
import { padConvolutions } from "../formats/pad-convolutions.ts";
import { replaceMessages } from "../formats/protobuf-write.ts";
import { type FilePart, inMemory, mount, readWhole } from "../formats/weight-file.ts";
import { type Manifest, type ModelFiles, orMissing, readChecked, readManifest } from "./model-files.ts";

export interface Folder {
  readonly manifest: Manifest | undefined;
  /** paths of all files; undefined where the source cannot list them */
  readonly paths: readonly string[] | undefined;
  /** @throws EngineError ModelFileMissing, ModelFileCorrupt, NetworkFailed */
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  /** @throws EngineError ModelFileCorrupt, too */
  json<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S>>;
  /** undefined where the folder has no such file */
  optionalJson<S extends v.GenericSchema>(path: string, schema: S): Promise<v.InferOutput<S> | undefined>;
  optionalText(path: string): Promise<string | undefined>;
  graph(path: string): Promise<GraphFile>;
  /** tells that a session is being made of a graph */
  session(path: string): void;
  /** The same folder with a progress of its own, counted from 0. */
  counting(isRead: IsRead, onProgress: (progress: LoadProgress) => void): Folder;
}

/** whether a file that darkroom.json lists will be read: the total of the progress */
type IsRead = (path: string) => boolean;

export async function openFolder(
  files: ModelFiles,
  isRead: IsRead,
  onProgress: (progress: LoadProgress) => void,
): Promise<Folder> {
  const manifest = await readManifest(files);
  const paths = manifest ? Object.keys(manifest.files) : await files.list?.();
  return countingFolder(files, manifest, paths, isRead, onProgress);
}

function countingFolder(
  files: ModelFiles,
  manifest: Manifest | undefined,
  paths: readonly string[] | undefined,
  isRead: IsRead,
  onProgress: (progress: LoadProgress) => void,
): Folder {
  const expectedBytes = Object.entries(manifest?.files ?? {}).reduce(
    (sum, [path, { bytes }]) => sum + (isRead(path) ? bytes : 0),
    0,
  );
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
  /** Unread, where the source can give a file so; what a manifest lists is read to be checked. */
  const part = async (path: string): Promise<FilePart> =>
    !manifest && files.blob ? files.blob(path) : inMemory(await read(path));
  const optional = (path: string) => orMissing(read(path));
  return {
    manifest,
    paths,
    read,
    json: async (path, schema) => readJson(path, await read(path), schema),
    async optionalJson(path, schema) {
      const bytes = await optional(path);
      return bytes && readJson(path, bytes, schema);
    },
    async optionalText(path) {
      const bytes = await optional(path);
      return bytes && new TextDecoder().decode(bytes);
    },
    graph: (path) => graphFile(path, part),
    session: (path) => report("session", path, 0),
    counting: (...counted) => countingFolder(files, manifest, paths, ...counted),
  };
}

async function graphFile(path: string, part: (path: string) => Promise<FilePart>): Promise<GraphFile> {
  const file = await part(path);
  const graph = await readGraph(path, file);
  const folder = path.slice(0, path.lastIndexOf("/") + 1);
  const locations = [...new Set(graph.external.map(({ location }) => location))];
  // What is in memory is held until the session is made of it, and read again when another one is.
  const held = new Map<string, FilePart>([[path, file]]);
  const placeOf = (location: string) => folder + location.replace(/^\.\//, "");
  for (const location of locations) held.set(placeOf(location), await part(placeOf(location)));
  for (const { name, location, offset, length } of graph.external) {
    const { size } = held.get(placeOf(location)) as FilePart;
    if (offset + length > size) throw cutShort(placeOf(location), size, name, offset + length);
  }
  const take = async (place: string) => held.get(place) ?? part(place);
  const bytesAt = async (location: string | undefined, offset: number, length: number) => {
    const source = await take(location === undefined ? path : placeOf(location));
    const end = length > 0 ? offset + length : source.size;
    return new Uint8Array(await source.slice(offset, end).arrayBuffer());
  };
  return {
    ...graph,
    path,
    bytes: [...held.values()].reduce((sum, { size }) => sum + size, 0),
    weight: async ({ data }) => data && bytesAt(data.location, data.offset, data.length),
    async open({ changed, webgpu = false } = {}) {
      const whole = await take(path);
      // A graph in memory is handed over as it is.
      const detached = whole.held && !changed?.size ? undefined : await detachWeights(path, whole, graph, changed);
      const nested = await inlineNested(graph, ({ location, offset, length }) => bytesAt(location, offset, length));
      const padded = webgpu ? await padConvolutions(whole, graph) : [];
      const replaced = new Map([...(detached?.replaced ?? []), ...nested, ...padded]);
      const externalData = [...(detached?.externalData ?? [])];
      for (const location of locations) {
        externalData.push({ path: location, data: await mount(await take(placeOf(location))) });
      }
      for (const [place, one] of held) if (one.held) held.delete(place);
      const bytes = replaced.size > 0 ? await replaceMessages(whole, replaced) : await readWhole(whole);
      return { bytes, externalData };
    },
  };
}

function cutShort(path: string, size: number, tensor: string, end: number): EngineError {
  return new EngineError(
    "ModelFileCorrupt",
    `The model file ${path} is cut short: it has ${size} bytes, and the weight ${tensor} ends at byte ${end}; get the whole file and load again.`,
  );
}

/** model_index.json: which classes a pipeline is made of. */
const indexSchema = v.looseObject({
  _class_name: optionalField(v.string()),
  /** SDXL: an absent negative prompt is zeros instead of an empty text */
  force_zeros_for_empty_prompt: optionalField(v.boolean()),
  /** SDXL's refiner: the U-Net is told an aesthetic score */
  requires_aesthetics_score: optionalField(v.boolean()),
});
/** a part: library and class, both null where the pipeline goes without */
export type ModelIndex = WithoutNulls<v.InferOutput<typeof indexSchema>>;

/** The class that the index names for a part; undefined where it names none. */
export function partClass(index: ModelIndex, part: string): string | undefined {
  const entry = index[part];
  return Array.isArray(entry) && typeof entry[1] === "string" ? entry[1] : undefined;
}

/** @throws EngineError ModelFileMissing when the folder is no model */
export async function readIndex(folder: Folder): Promise<ModelIndex> {
  const index = await folder.optionalJson("model_index.json", indexSchema);
  if (index) return withoutNulls(index);
  if (folder.paths?.some((path) => path.endsWith(".onnx"))) return {};
  throw new EngineError(
    "ModelFileMissing",
    "The folder has neither darkroom.json nor model_index.json; choose the folder that an export to ONNX wrote.",
  );
}
