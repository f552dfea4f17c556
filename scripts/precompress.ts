import { createHash } from "node:crypto";
import { copyFile, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import type { Plugin } from "vite";
import { listFiles } from "../cli/list-files.ts";

/** Weights in half precision hardly compress, and pictures already are. */
const compressible = new Set([".html", ".js", ".mjs", ".css", ".json", ".svg", ".wasm", ".webmanifest", ".txt"]);
const smallest = 1024;

const formats = {
  // Quality 6 is near the best for WebAssembly at a tenth of the time of 11.
  br: (bytes: Buffer) =>
    promisify(brotliCompress)(bytes, {
      params: { [constants.BROTLI_PARAM_QUALITY]: 6, [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length },
    }),
  gz: (bytes: Buffer) => promisify(gzip)(bytes, { level: 6 }),
};

/**
 * Lays a `.br` and a `.gz` beside every compressible file of the output. The results are kept in node_modules/.cache under
 * the hash of what they were made from, so that a second build compresses only what has changed.
 */
export function precompress(): Plugin {
  let root: string;
  let outDir: string;
  return {
    name: "precompress",
    apply: "build",
    configResolved(config) {
      root = config.root;
      outDir = config.build.outDir;
    },
    writeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const cache = join(root, "node_modules/.cache/precompress");
        await mkdir(cache, { recursive: true });
        const used = new Set<string>();
        for (const path of await listFiles(outDir)) {
          if (!compressible.has(extname(path))) continue;
          const bytes = await readFile(path);
          if (bytes.length < smallest) continue;
          const hash = createHash("sha256").update(bytes).digest("hex");
          await Promise.all(
            Object.entries(formats).map(async ([extension, compress]) => {
              const name = `${hash}.${extension}`;
              used.add(name);
              const kept = join(cache, name);
              await copyFile(kept, `${path}.${extension}`).catch(async () => {
                // Written aside and renamed: a build that is broken off leaves no half file in the cache.
                await writeFile(`${kept}.part`, await compress(bytes));
                await rename(`${kept}.part`, kept);
                await copyFile(kept, `${path}.${extension}`);
              });
            }),
          );
        }
        for (const name of await readdir(cache)) if (!used.has(name)) await rm(join(cache, name));
      },
    },
  };
}
