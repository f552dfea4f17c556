/** Compressed forms of files: made when the first visitor asks for one, and kept under the hash of what they were made from. */
import { createHash, randomUUID } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

export type Encoding = "br" | "gzip";

/** Weights hardly compress, and pictures already are. */
const COMPRESSIBLE = new Set([".html", ".js", ".mjs", ".css", ".json", ".svg", ".wasm", ".webmanifest", ".txt", ".md"]);
const SMALLEST_BYTES = 1024;
const KEPT_DAYS = 30;

const compress: Record<Encoding, (bytes: Buffer) => Promise<Buffer>> = {
  // Quality 6 is near the best for WebAssembly at a tenth of the time of 11.
  br: (bytes) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gzip: (bytes) => promisify(gzip)(bytes, { level: 6 }),
};

/**
 * @param folder where the compressed files are kept
 * @returns for a file and an encoding the path of its compressed form; undefined where it has none
 */
export function createCompressed(folder: string): (path: string, encoding: Encoding) => Promise<string | undefined> {
  const made = new Map<string, Promise<string>>();
  const tidied = tidy(folder);

  async function make(path: string, encoding: Encoding): Promise<string> {
    await tidied;
    const bytes = await readFile(path);
    const kept = join(folder, `${createHash("sha256").update(bytes).digest("hex")}.${encoding}`);
    const now = new Date();
    await utimes(kept, now, now).catch(async () => {
      await mkdir(folder, { recursive: true });
      // Written aside and renamed: a server that is stopped leaves no half file.
      const part = `${kept}.${randomUUID()}`;
      await writeFile(part, await compress[encoding](bytes));
      await rename(part, kept);
    });
    return kept;
  }

  return async (path, encoding) => {
    if (!COMPRESSIBLE.has(extname(path))) return undefined;
    const found = await stat(path).catch(() => undefined);
    if (!found?.isFile() || found.size < SMALLEST_BYTES) return undefined;
    const key = [path, found.size, found.mtimeMs, encoding].join(" ");
    const making = made.get(key) ?? make(path, encoding);
    made.set(key, making);
    return making.catch(() => {
      made.delete(key);
      return undefined; // a full disk costs the compression, not the answer
    });
  };
}

/** Removes what has not been asked for in a month. */
async function tidy(folder: string): Promise<void> {
  const oldest = Date.now() - KEPT_DAYS * 24 * 60 * 60 * 1000;
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && found.mtimeMs < oldest) await rm(path, { force: true });
  }
}
