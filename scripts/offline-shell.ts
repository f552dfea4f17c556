import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { relative, sep } from "node:path";
import { build, type Plugin } from "vite";
import { listFiles } from "../cli/list-files.ts";
import { securityHeaders } from "../cli/security-headers.ts";

/** Files with their hash in the name lie here; vite's `build.assetsDir`. */
const hashed = "assets/";

/** onnxruntime-web comes in several flavours, of which a browser runs one: kept at first use, not with the shell. */
const isRuntime = (path: string) => path.startsWith(`${hashed}ort`);

/** The help's pictures are kept when they are first seen: half a megabyte is no part of the first visit. */
const isHelp = (path: string) => path.startsWith("help/");

/**
 * Builds src/service-worker.ts to /service-worker.js once everything else is in the output folder, with the list of the app
 * shell filled in. Models are no part of the shell: the engine keeps their files itself.
 */
export function offlineShell(): Plugin {
  let root: string;
  let outDir: string;
  return {
    name: "offline-shell",
    apply: "build",
    configResolved(config) {
      root = config.root;
      outDir = config.build.outDir;
    },
    writeBundle: {
      order: "post",
      sequential: true,
      async handler() {
        const files = (await listFiles(outDir))
          .map((path) => relative(outDir, path).split(sep).join("/"))
          .filter((path) => !path.startsWith("models/"))
          .sort();
        const shell = files.filter((path) => !isRuntime(path) && !isHelp(path));
        const version = createHash("sha256").update(JSON.stringify(securityHeaders));
        for (const path of [...shell, ...files.filter(isHelp)])
          version.update(path).update(await readFile(`${outDir}/${path}`));

        await build({
          configFile: false,
          root,
          logLevel: "warn",
          define: {
            SHELL: JSON.stringify(shell.map((path) => (path === "index.html" ? "./" : path))),
            RUNTIME: JSON.stringify(files.filter(isRuntime)),
            PICTURES: JSON.stringify(files.filter(isHelp)),
            HASHED: JSON.stringify(hashed),
            VERSION: JSON.stringify(version.digest("hex").slice(0, 16)),
            HEADERS: JSON.stringify(securityHeaders),
          },
          build: {
            target: "es2023",
            outDir,
            emptyOutDir: false,
            copyPublicDir: false,
            rolldownOptions: {
              input: "src/service-worker.ts",
              output: { format: "iife", entryFileNames: "service-worker.js" },
            },
          },
        });
      },
    },
  };
}
