/** Imports go down only: checks those of src/ and workers/ against a table of layers. Part of `npm run lint`. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { argv } from "node:process";
import { fileURLToPath } from "node:url";

/** Folders and files, lowest first; a longer name counts before a shorter one. Those on one line do not import each other. */
const LAYERS: Record<string, string[][]> = {
  src: [
    ["service-worker.ts", "state", "styles", "ui"],
    ["storage"],
    ["engine", "outputs"],
    ["settings"],
    ["runs"],
    ["actions", "records"],
    ["loras"],
    ["models"],
    ["compare", "estimate", "export", "help", "image", "offline", "queue", "timeline", "unfinished", "variations"],
    ["gallery", "metadata", "plot"],
    ["prompt"],
    ["panel", "stage"],
    ["start"],
    ["app"],
    ["main.tsx"],
  ],
  workers: [
    ["tensor"],
    ["diffusion", "protocol.ts"],
    ["errors.ts", "settings", "transfer.ts"],
    ["models/formats"],
    ["models/parts/table.ts"],
    ["models/runtime", "models/sources"],
    ["models/obstacles.ts"],
    ["models/layout.ts"],
    ["models/parts"],
    ["models/lora"],
    ["models"],
    ["calls.ts", "pipelines"],
    ["engine.ts", "files.worker.ts", "library.ts"],
    ["engine.worker.ts", "library.worker.ts"],
  ],
};
/** What lies lower and yet may not be imported. */
const STRANGERS: [from: string, to: string][] = [["workers/models", "workers/diffusion"]];
/** Mathematics and types, which rest on no package. */
const PURE = ["workers/tensor", "workers/diffusion", "workers/protocol.ts"];
/** All that the page may know of the engine: types, settings and where a worker starts. */
const DOOR = /^workers\/(protocol\.ts|settings\/.*|\w+\.worker\.ts)$/;
const IMPORT = /\b(?:from|import|import\()\s*"([^"?]+)(?:\?[^"]*)?"/g;

const heights = new Map(
  Object.entries(LAYERS).flatMap(([tree, rows]) =>
    rows.flatMap((row, height) => row.map((name): [string, number] => [`${tree}/${name}`, height])),
  ),
);

function layerOf(file: string): string | undefined {
  for (let place = file; place.includes("/"); place = dirname(place)) if (heights.has(place)) return place;
  return undefined;
}

function refusal(from: string, to: string): string | undefined {
  const [own, other] = [layerOf(from), layerOf(to)];
  if (!own) return `${from} is in no layer; add its folder to the table in scripts/check-layers.ts.`;
  if (from.startsWith("src/") && to.startsWith("workers/"))
    return DOOR.test(to) ? undefined : "src/ imports workers/protocol, workers/settings and the workers alone.";
  if (from.startsWith("workers/") && !to.startsWith("workers/")) return "workers/ imports nothing from outside.";
  if (!other) return `${to} is in no layer; add its folder to the table in scripts/check-layers.ts.`;
  if (own === other) return undefined;
  if (STRANGERS.some(([a, b]) => from.startsWith(`${a}/`) && to.startsWith(`${b}/`)))
    return `${own} does not import ${other}.`;
  const [height, otherHeight] = [heights.get(own) ?? 0, heights.get(other) ?? 0];
  if (otherHeight === height) return `${own} and ${other} are on one level and do not import each other.`;
  return otherHeight > height ? `${other} is above ${own}; imports go down only.` : undefined;
}

function packageRefusal(from: string): string | undefined {
  const own = layerOf(from) ?? from;
  return PURE.includes(own) ? `${own} uses no package.` : undefined;
}

/** One line for each import that is not allowed: file, line and why. */
export function checkLayers(root: string): string[] {
  const files = Object.keys(LAYERS)
    .flatMap((tree) => readdirSync(join(root, tree), { recursive: true }).map((name) => join(tree, String(name))))
    .filter((file) => /\.tsx?$/.test(file) && !/\.test\.tsx?$|\/testing\/|\.d\.ts$/.test(file));
  const known = new Set(files);
  const imports = new Map<string, string[]>();
  const problems: string[] = [];
  for (const file of files.sort()) {
    const text = readFileSync(join(root, file), "utf8");
    const targets: string[] = [];
    for (const { 1: name, index } of text.matchAll(IMPORT)) {
      const path = join(dirname(file), name);
      const target = [path, `${path}.ts`, `${path}.tsx`].find((one) => known.has(one)) ?? path;
      if (name.startsWith(".")) targets.push(target);
      const why = name.startsWith(".") ? refusal(file, target) : packageRefusal(file);
      if (why) problems.push(`${file}:${text.slice(0, index).split("\n").length}: imports ${name}. ${why}`);
    }
    imports.set(file, targets);
  }
  return [...problems, ...circles(imports)];
}

/** Files that import each other, within a layer too. */
function circles(imports: ReadonlyMap<string, string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]) => {
    const start = path.indexOf(file);
    if (start >= 0) found.push(`A circle of imports: ${[...path.slice(start), file].join(" -> ")}`);
    if (start >= 0 || done.has(file)) return;
    for (const target of imports.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}

if (argv[1] === fileURLToPath(import.meta.url)) {
  const problems = checkLayers(fileURLToPath(new URL("../", import.meta.url)));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
