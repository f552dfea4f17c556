/**
 * `npx tsx scripts/draw-requests.ts MODEL REQUESTS.jsonl`: whole requests drawn by the engine in Node, for the measurements in training/.
 * Each line has `settings` (the model's defaults where they are absent), `output`, and for pictures from pictures the paths `image`
 * and `mask` and a `strength`.
 */
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { diskFiles } from "../cli/disk-files.ts";
import { openNodeRuntime } from "../cli/node-runtime.ts";
import { readPicture } from "../cli/read-picture.ts";
import { createEngine } from "../workers/engine.ts";
import type { Settings } from "../workers/protocol.ts";

interface Line {
  settings: Partial<Settings>;
  image?: string;
  mask?: string;
  strength?: number;
  output: string;
}

const [model, list] = process.argv.slice(2);
const engine = createEngine({
  openRuntime: openNodeRuntime,
  openFiles: (source) => diskFiles(fileURLToPath((source as { url: string }).url)),
});
const { defaults } = await engine.load({ id: "model", url: pathToFileURL(`${resolve(model)}/`).href }, "cpu", () => {});
const lines = (await readFile(list, "utf8")).split("\n").filter((line) => line !== "");
for (const line of lines) {
  const { settings, image, mask, strength = 1, output } = JSON.parse(line) as Line;
  const { output: drawn } = await engine.generate(
    {
      settings: { ...defaults, seed: 0, ...settings },
      ...(image && { image: { picture: await readPicture(image), strength } }),
      ...(mask && { mask: await readPicture(mask) }),
    },
    () => {},
  );
  const { width, height, rgba } = drawn.picture;
  await writeFile(output, encode({ width, height, data: rgba, channels: 4 }));
}
process.exit(0); // onnxruntime-web's threads would keep the process alive
