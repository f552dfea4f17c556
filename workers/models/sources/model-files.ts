/** Where a model's bytes come from, and what its darkroom.json says of them. */
import * as v from "valibot";
import { EngineError } from "../../errors.ts";
import { readJson } from "../formats/json.ts";
import type { FilePart } from "../formats/weight-file.ts";
import { sha256 as digestOf, toHex } from "./sha256.ts";

export type FileProgress = (stage: "fetch" | "verify", loadedBytes: number) => void;

/** A model's folder, read-only. Paths are relative to it, with `/`. */
export interface ModelFiles {
  /** the bytes of a file as they are stored there. @throws EngineError ModelFileMissing, NetworkFailed */
  read(path: string, options?: ReadOptions): Promise<Uint8Array<ArrayBuffer>>;
  /** the file unread, where the source can give it so. @throws EngineError ModelFileMissing */
  blob?(path: string): Promise<FilePart>;
  /** the paths of all files, where the source can list them */
  list?(): Promise<readonly string[]>;
}

export interface ReadOptions {
  /** what the manifest says of the file; a source with a cache keys it by the checksum */
  readonly expected?: FileRecord;
  /** ask the source itself, past any cache */
  readonly fresh?: boolean;
  readonly onProgress?: (loadedBytes: number) => void;
}

const fileRecord = v.object({
  bytes: v.number(),
  /** SHA-256, lower-case hexadecimal */
  sha256: v.string(),
  /** the folder that the file lies in when it belongs to another model, relative to this one's: `../safelight/` */
  folder: v.exactOptional(v.string()),
});
export type FileRecord = Readonly<v.InferOutput<typeof fileRecord>>;

const rgb = v.tuple([v.number(), v.number(), v.number()]);

/** darkroom.json: what the page must know of a model that no config file of its own says. */
const manifestSchema = v.object({
  title: v.string(),
  license: v.string(),
  defaults: v.object({
    prompt: v.string(),
    negativePrompt: v.string(),
    sampler: v.string(),
    steps: v.number(),
    guidanceScale: v.number(),
    guidanceInterval: v.exactOptional(v.tuple([v.number(), v.number()])),
    width: v.number(),
    height: v.number(),
  }),
  size: v.object({ min: v.number(), max: v.number() }),
  /** of the second pass that makes a picture larger: measured where it is given */
  upscaleStrength: v.exactOptional(v.number()),
  preview: v.object({ factors: v.array(rgb), bias: rgb }),
  files: v.record(v.string(), fileRecord),
  /** a LoRA among the files that makes this model of the one whose files it shares */
  difference: v.exactOptional(v.string()),
});
export type Manifest = Readonly<v.InferOutput<typeof manifestSchema>>;

/** Undefined where there is none: public folders have only the configs of their parts. */
export async function readManifest(files: ModelFiles): Promise<Manifest | undefined> {
  const path = "darkroom.json";
  const bytes = await orMissing(files.read(path));
  if (!bytes) return undefined;
  return readJson(path, bytes, manifestSchema);
}

/**
 * A file that the manifest lists, its length and SHA-256 checked. A wrong one is read once more from the source itself, past
 * any cache. @throws EngineError ModelFileMissing, ModelFileCorrupt, NetworkFailed: each names the file
 */
export async function readChecked(
  files: ModelFiles,
  manifest: Manifest,
  path: string,
  onProgress: FileProgress = () => {},
): Promise<Uint8Array<ArrayBuffer>> {
  const expected = manifest.files[path];
  if (!expected)
    throw new EngineError("ModelFileMissing", `The model has no ${path}; get the whole folder and load again.`);
  let problem = "";
  for (const fresh of [false, true]) {
    const bytes = await files.read(path, { expected, fresh, onProgress: (loaded) => onProgress("fetch", loaded) });
    onProgress("verify", expected.bytes);
    if (bytes.length !== expected.bytes) {
      problem = `has ${bytes.length} bytes instead of ${expected.bytes}`;
    } else if ((await sha256(bytes)) !== expected.sha256) {
      problem = "is not the file that the model was published with (its SHA-256 differs)";
    } else {
      return bytes;
    }
  }
  throw corrupt(path, problem);
}

/** Undefined instead of ModelFileMissing. */
export async function orMissing<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof EngineError && error.name === "ModelFileMissing") return undefined;
    throw error;
  }
}

/** SHA-256 in lower-case hexadecimal. */
export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return toHex(await digestOf(bytes));
}

function corrupt(path: string, problem: string): EngineError {
  return new EngineError(
    "ModelFileCorrupt",
    `The model file ${path} ${problem}; put the right file there and load again.`,
  );
}
