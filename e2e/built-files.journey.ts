import { readFile, stat } from "node:fs/promises";
import { basename, extname, relative } from "node:path";
import { expect, test } from "@playwright/test";
import { listFiles } from "../cli/list-files.ts";
import { dist } from "./servers.ts";

/** of all that is built: two runtimes for two kinds of browsers, and the built-in models */
const MOST_BYTES = 103e6;
const TEXTS = new Set([".html", ".js", ".css", ".json", ".webmanifest", ".svg"]);
/** The list of the service worker is made of what is there, so it shows nothing. */
const LISTING = "service-worker.js";

/** How a file is named by what asks for it. */
function calledAs(name: string): string {
  if (name.startsWith("models/")) return name.split("/").slice(2).join("/") || basename(name);
  return name.startsWith("help/") ? basename(name, extname(name)) : basename(name);
}

test("the built folder holds what is served, once", async () => {
  const files = (await listFiles(dist)).map((path) => ({ path, name: relative(dist, path).replaceAll("\\", "/") }));
  const sizes = await Promise.all(files.map(async ({ path }) => (await stat(path)).size));
  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(MOST_BYTES);

  const reached = new Set(["index.html"]);
  for (const name of reached) {
    if (!TEXTS.has(extname(name)) || name === LISTING) continue;
    const text = await readFile(`${dist}${name}`, "utf8");
    for (const other of files) if (text.includes(calledAs(other.name))) reached.add(other.name);
  }
  expect(files.map(({ name }) => name).filter((name) => !reached.has(name))).toEqual([]);
});
