import { rm } from "node:fs/promises";
import { basename } from "node:path";
import type { Plugin } from "vite";
import { listFiles } from "../cli/list-files.ts";

/** In the models' folders, for the README and for whoever judges a model: the page asks for none of it. */
const NEVER_ASKED_FOR = new Set(["sheet.jpg"]);

/** Takes out of the output folder what came with public/ and is never served. */
export function servedOnly(): Plugin {
  let outDir: string;
  return {
    name: "served-only",
    apply: "build",
    configResolved(config) {
      outDir = config.build.outDir;
    },
    writeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        for (const path of await listFiles(outDir)) if (NEVER_ASKED_FOR.has(basename(path))) await rm(path);
      },
    },
  };
}
