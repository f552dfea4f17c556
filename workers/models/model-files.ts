/** Where a model's bytes come from, and what its darkroom.json says of them. */
import { EngineError } from "../errors.ts";
import type { FilePart } from "./formats/weight-file.ts";

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

export interface FileRecord {
  readonly bytes: number;
  /** SHA-256, lower-case hexadecimal */
  readonly sha256: string;
  /** the folder that the file lies in when it belongs to another model, relative to this one's: `../safelight/` */
  readonly folder?: string;
}

/** darkroom.json: what the page must know of a model that no config file of its own says. */
export interface Manifest {
  readonly title: string;
  readonly license: string;
  readonly defaults: {
    readonly prompt: string;
    readonly negativePrompt: string;
    readonly sampler: string;
    readonly steps: number;
    readonly guidanceScale: number;
    readonly guidanceInterval?: [number, number];
    readonly width: number;
    readonly height: number;
  };
  readonly size: { readonly min: number; readonly max: number };
  readonly preview: { readonly factors: [number, number, number][]; readonly bias: [number, number, number] };
  readonly files: Readonly<Record<string, FileRecord>>;
  /** a LoRA among the files that makes this model of the one whose files it shares */
  readonly difference?: string;
}

const decoder = new TextDecoder();

/** @throws EngineError ModelFileCorrupt when the file is no JSON */
export function parseJson<T>(path: string, bytes: Uint8Array): T {
  try {
    return JSON.parse(decoder.decode(bytes)) as T;
  } catch {
    throw corrupt(path, "is no valid JSON");
  }
}

/** Undefined where there is none: public folders have only the configs of their parts. */
export async function readManifest(files: ModelFiles): Promise<Manifest | undefined> {
  const path = "darkroom.json";
  const bytes = await orMissing(files.read(path));
  if (!bytes) return undefined;
  const manifest = parseJson<Partial<Manifest>>(path, bytes);
  for (const key of ["title", "license", "defaults", "size", "preview", "files"] as const) {
    if (manifest[key] === undefined) throw corrupt(path, `says nothing of "${key}"`);
  }
  return manifest as Manifest;
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

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

function corrupt(path: string, problem: string): EngineError {
  return new EngineError(
    "ModelFileCorrupt",
    `The model file ${path} ${problem}; put the right file there and load again.`,
  );
}
