import { closeSync, existsSync, openSync, readSync as read, readdirSync } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../workers/errors.ts";
import type { FilePart } from "../workers/models/formats/weight-file.ts";
import type { ModelFiles } from "../workers/models/model-files.ts";

/** Node reads less than 2 GiB at once. */
const MOST = 2 ** 30;

/** A model's folder on the disk. */
export function diskFiles(folder: string): ModelFiles {
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
        const bytes = new Uint8Array(await readFile(join(folder, expected?.folder ?? "", path)));
        onProgress?.(bytes.length);
        return bytes;
      } catch (error) {
        throw missing(path, error);
      }
    },
    async blob(path) {
      try {
        return diskPart(join(folder, path), 0, (await stat(join(folder, path))).size);
      } catch (error) {
        throw missing(path, error);
      }
    },
    async list() {
      if (!existsSync(folder)) return [];
      const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      return files.map(({ parentPath, name }) => join(parentPath, name).slice(join(folder, "/").length));
    },
  };
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
