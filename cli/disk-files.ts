import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { EngineError } from "../workers/errors.ts";
import type { ModelFiles } from "../workers/models/model-files.ts";

/** A model's folder on the disk. */
export function diskFiles(folder: string): ModelFiles {
  return {
    async read(path, { onProgress } = {}) {
      try {
        const bytes = new Uint8Array(await readFile(join(folder, path)));
        onProgress?.(bytes.length);
        return bytes;
      } catch (error) {
        const { code, message } = error as NodeJS.ErrnoException;
        const cause = code === "ENOENT" ? "is not there" : `cannot be read (${message})`;
        throw new EngineError(
          "ModelFileMissing",
          `The model file ${join(folder, path)} ${cause}; get the whole folder and try again.`,
        );
      }
    },
  };
}
