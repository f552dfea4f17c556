/** `npm run generate`: the engine of the page, from a terminal. Progress goes to stderr; an error is one line and exit code 2. */
import { existsSync } from "node:fs";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { encode } from "fast-png";
import { stepNumber, totalSteps } from "../src/runs/steps.ts";
import { createEngine } from "../workers/engine.ts";
import { EngineError, toEngineError } from "../workers/errors.ts";
import { linesOf } from "../workers/models/formats/lines.ts";
import type {
  Engine,
  GenerateRequest,
  GenerateResult,
  LoraFile,
  ModelInfo,
  Picture,
  Settings,
} from "../workers/protocol.ts";
import { diskFiles } from "./disk-files.ts";
import { type AskedSettings, type GenerateOptions, readLine, readOptions } from "./generate-options.ts";
import { openNodeRuntime } from "./node-runtime.ts";
import { toNpy } from "./npy.ts";
import { readPicture } from "./read-picture.ts";

/** As in diffusers: image-to-image keeps something of the picture, inpainting makes what lies under the mask wholly anew. */
const STRENGTHS = { "image-to-image": 0.8, inpainting: 1 };

/** What Darkroom's own models have. */
const MANIFEST = "darkroom.json";

const builtIn = fileURLToPath(new URL("../public/models/", import.meta.url));

async function main(args: string[]): Promise<void> {
  const options = readOptions(args);
  const jobs =
    options.prompts === undefined ? [options.settings] : await readPrompts(options.prompts, options.settings);
  const engine = createEngine({
    openRuntime: openNodeRuntime,
    openFiles(source) {
      if ("url" in source) return diskFiles(fileURLToPath(source.url));
      throw new Error("The terminal reads models from folders.");
    },
  });
  const start = await readStart(options);
  const folder = modelFolder(options.model);
  const info = await load(engine, folder, await readLoras(options));
  // Models made for diffusers draw what diffusers draws, which takes brackets for text and cuts long prompts.
  const plainPrompt = !existsSync(join(folder, MANIFEST));
  await makeFolders(options);
  for (const [index, asked] of jobs.entries()) {
    const { width, height } = start.image?.picture ?? info.defaults;
    const settings: Settings = { ...info.defaults, plainPrompt, width, height, seed: randomSeed(), ...asked };
    const result = await generate(
      engine,
      { ...start, settings },
      jobs.length > 1 ? `${index + 1}/${jobs.length} ` : "",
    );
    await save(options, index, result, settings);
  }
}

async function readStart({ image, mask, strength }: GenerateOptions): Promise<Omit<GenerateRequest, "settings">> {
  if (image === undefined) return {};
  const usual = STRENGTHS[mask === undefined ? "image-to-image" : "inpainting"];
  const start = { image: { picture: await readPicture(image), strength: strength ?? usual } };
  return mask === undefined ? start : { ...start, mask: await readPicture(mask) };
}

async function readPrompts(path: string, common: AskedSettings): Promise<AskedSettings[]> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch {
    throw new EngineError(
      "InvalidSetting",
      `${path} cannot be read; give --prompts a file with one JSON object a line.`,
    );
  }
  const lines = linesOf(text).map((line, index) => ({ line: line.trim(), place: `line ${index + 1} of ${path}` }));
  return lines.filter(({ line }) => line !== "").map(({ line, place }) => ({ ...common, ...readLine(line, place) }));
}

/** Before anything is computed: a picture that cannot be kept is not worth the wait. */
async function makeFolders({ prompts, outputDir, output, latents }: GenerateOptions): Promise<void> {
  const files = [output, latents].filter((file) => file !== undefined);
  const folders = prompts === undefined ? files.map(dirname) : [outputDir];
  for (const folder of folders) {
    try {
      await mkdir(folder, { recursive: true });
    } catch (error) {
      throw new EngineError(
        "InvalidSetting",
        `The folder ${folder} cannot be made (${(error as Error).message}); choose another place.`,
      );
    }
  }
}

async function readLoras({ loras }: GenerateOptions): Promise<LoraFile[]> {
  const files: LoraFile[] = [];
  for (const { path, scale } of loras) {
    try {
      files.push({ name: basename(path), scale, file: new Blob([await readFile(path)]) });
    } catch (error) {
      throw new EngineError(
        "InvalidSetting",
        `The LoRA ${path} cannot be read (${(error as Error).message}); check --lora.`,
      );
    }
  }
  return files;
}

function modelFolder(model: string): string {
  const folder = existsSync(join(builtIn, model, MANIFEST)) ? join(builtIn, model) : resolve(model);
  if (existsSync(folder)) return folder;
  throw new EngineError("ModelFileMissing", `There is no model and no folder "${model}"; check --model.`);
}

async function load(engine: Engine, folder: string, loras: LoraFile[]): Promise<ModelInfo> {
  const url = pathToFileURL(`${folder}/`).href;
  const info = await engine.load({ id: basename(folder), url, loras }, "cpu", ({ file }) => status(`loading ${file}`));
  status("");
  for (const notice of info.notices ?? []) process.stderr.write(`${notice}\n`);
  return info;
}

async function generate(engine: Engine, request: GenerateRequest, prefix: string): Promise<GenerateResult> {
  const began = performance.now();
  let ran = 0;
  const result = await engine.generate(request, (step) => {
    const [done, total] = [stepNumber(step), totalSteps(step.stages)];
    ran++;
    const filled = Math.round((done / total) * 20);
    const left = (((performance.now() - began) / ran) * (total - done)) / 1000;
    status(
      `${prefix}[${"#".repeat(filled)}${".".repeat(20 - filled)}] step ${done} of ${total}, ${left.toFixed(0)} s left`,
    );
  });
  status("");
  for (const { unread, ignored = [] } of [result.reading.prompt, result.reading.negativePrompt]) {
    for (const one of ignored) process.stderr.write(`Not read in the prompt: ${one}\n`);
    if (unread) process.stderr.write(`Not read, the prompt is too long: ${unread}\n`);
  }
  return result;
}

async function save(
  options: GenerateOptions,
  index: number,
  result: GenerateResult,
  { seed }: Settings,
): Promise<void> {
  const path = options.prompts === undefined ? options.output : join(options.outputDir, `${index}.png`);
  try {
    await writeFile(path, toPng(result.output.picture));
    if (options.latents !== undefined) await writeFile(options.latents, toNpy(result.latents));
  } catch (error) {
    throw new EngineError(
      "InvalidSetting",
      `The result cannot be written (${(error as Error).message}); choose another place.`,
    );
  }
  process.stdout.write(`${path} (seed ${seed})\n`);
}

function toPng({ width, height, rgba }: Picture): Uint8Array {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(rgba.subarray(i * 4, i * 4 + 3), i * 3);
  return encode({ width, height, data: rgb, channels: 3 });
}

function randomSeed(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0];
}

/** One line on stderr that the next call writes over; on a terminal only. */
function status(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\x1b[K${text}`);
}

try {
  await main(process.argv.slice(2));
  process.exit(0); // onnxruntime-web's threads would keep the process alive
} catch (error) {
  status("");
  process.stderr.write(`${toEngineError(error).message.split("\n")[0]}\n`);
  process.exit(2);
}
