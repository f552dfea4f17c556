import {
  closeSync,
  type Dirent,
  openSync,
  readSync as read,
  readdirSync,
  readFileSync,
  realpathSync,
  statSync,
} from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../workers/errors.ts";
import type { FilePart } from "../workers/models/formats/weight-file.ts";
import type { ModelFiles } from "../workers/models/sources/model-files.ts";

/** Node reads less than 2 GiB at once. */
const MOST = 2 ** 30;

/** A model's folder on the disk, or of the hub's cache. Paths inside of it are joined with `/`, which every system reads. */
export function diskFiles(given: string): ModelFiles {
  const folder = snapshotIn(given) ?? given;
  const missing = (path: string, error: unknown) => {
    const { code, message } = error as NodeJS.ErrnoException;
    const cause = code === "ENOENT" ? "is not there" : `cannot be read (${message})`;
    return new EngineError(
      "ModelFileMissing",
      `The model file ${join(folder, path)} ${cause}; get the whole folder and try again.`,
    );
  };
  return {
    async read(path, { expected, onProgress } = {}) {
      try {
        const bytes = new Uint8Array(await readFile(`${folder}/${expected?.folder ?? ""}${path}`));
        onProgress?.(bytes.length);
        return bytes;
      } catch (error) {
        throw missing(path, error);
      }
    },
    async blob(path) {
      try {
        return diskPart(`${folder}/${path}`, 0, (await stat(`${folder}/${path}`)).size);
      } catch (error) {
        throw missing(path, error);
      }
    },
    list: async () => filesBelow(folder),
  };
}

/** Paths of all files, hidden ones apart; links are followed, those to a folder around them or to nothing left out. */
function filesBelow(folder: string, before = "", around: readonly string[] = []): string[] {
  let entries: Dirent[];
  let real: string;
  try {
    real = realpathSync(folder);
    entries = readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
  if (around.includes(real)) return [];
  return entries.flatMap((entry) => {
    if (entry.name.startsWith(".")) return [];
    const path = `${folder}/${entry.name}`;
    const found = entry.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : entry;
    if (found?.isDirectory()) return filesBelow(path, `${before}${entry.name}/`, [...around, real]);
    return found?.isFile() ? [before + entry.name] : [];
  });
}

/** Where the hub's cache keeps a model: models--owner--name/snapshots/COMMIT, the commit in refs/main. */
function snapshotIn(folder: string): string | undefined {
  let commits: string[];
  try {
    commits = readdirSync(`${folder}/snapshots`);
  } catch {
    return undefined;
  }
  let main = "";
  try {
    main = readFileSync(`${folder}/refs/main`, "utf8").trim();
  } catch {
    // another branch than main was downloaded
  }
  const commit = commits.includes(main) ? main : commits.length === 1 ? commits[0] : undefined;
  return commit && `${folder}/snapshots/${commit}`;
}

/** A stretch of a file; also of one that is larger than Node reads at once. */
function diskPart(path: string, from: number, to: number): FilePart {
  const readSync = (into: Uint8Array, start: number) => {
    const file = openSync(path, "r");
    try {
      for (let at = 0; at < into.length; ) {
        const count = read(file, into, at, Math.min(into.length - at, MOST), from + start + at);
        if (count === 0) throw new Error(`${path} is shorter than it was`);
        at += count;
      }
    } finally {
      closeSync(file);
    }
  };
  return {
    size: to - from,
    slice: (start, end) => diskPart(path, from + start, Math.min(from + end, to)),
    async arrayBuffer() {
      const bytes = new Uint8Array(to - from);
      readSync(bytes, 0);
      return bytes.buffer;
    },
    readSync,
  };
}
