/** The command line of `npm run generate`, read and checked. */
import { parse as parsePath } from "node:path";
import { parseArgs } from "node:util";
import { EngineError } from "../workers/errors.ts";
import type { Settings } from "../workers/protocol.ts";

/** Settings as they were asked for; what is absent takes the model's default. */
export type AskedSettings = Partial<Settings>;

export interface GenerateOptions {
  /** id of a model in public/models, or a folder */
  readonly model: string;
  readonly settings: AskedSettings;
  /** one picture */
  readonly output: string;
  readonly latents: string | undefined;
  /** what the picture starts from, and what of it is made anew: PNG files */
  readonly image: string | undefined;
  readonly mask: string | undefined;
  readonly strength: number | undefined;
  /** LoRAs to merge into the model */
  readonly loras: readonly { readonly path: string; readonly scale: number }[];
  /** many pictures: a file with a JSON object a line, and where they go */
  readonly prompts: string | undefined;
  readonly outputDir: string;
}

const NUMBERS = ["steps", "guidanceScale", "guidanceRescale", "eta", "seed", "width", "height"] as const;
const TEXTS = ["prompt", "negativePrompt", "sampler"] as const;
const INTERVAL = "guidanceInterval";
const PLAIN = "plainPrompt";
const KEYS = new Set<string>([...NUMBERS, ...TEXTS, INTERVAL, PLAIN]);

const optionsOfSettings = [...KEYS].map((key) => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`);
const OTHERS = "--model, --lora, --output, --latents, --prompts and --output-dir";

/** @throws EngineError InvalidSetting, in one sentence */
export function readOptions(args: string[]): GenerateOptions {
  const { values } = parse(args);
  const {
    model = "safelight",
    output = "out.png",
    latents,
    prompts,
    "output-dir": outputDir = ".",
    ...others
  } = values;
  const { image, mask, strength, lora = [], ...rest } = others;
  if (prompts !== undefined && latents !== undefined) {
    throw invalid("--latents goes with a single picture; leave out --prompts.");
  }
  if (image === undefined && (mask ?? strength) !== undefined) {
    throw invalid(`--${mask === undefined ? "strength" : "mask"} needs the picture to start from; add --image.`);
  }
  checkEnding("output", output, ".png", "a picture");
  if (latents !== undefined) checkEnding("latents", latents, ".npy", "latents");
  return {
    model,
    output,
    latents,
    image,
    mask,
    strength: strength === undefined ? undefined : toNumber("strength", strength),
    loras: lora.map(toLora),
    prompts,
    outputDir,
    settings: toSettings(rest, "the command line"),
  };
}

function parse(args: string[]) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args,
      allowNegative: true,
      options: {
        prompt: text,
        "negative-prompt": text,
        model: text,
        sampler: text,
        steps: text,
        "guidance-scale": text,
        "guidance-rescale": text,
        "guidance-interval": text,
        eta: text,
        image: text,
        mask: text,
        strength: text,
        lora: { type: "string", multiple: true },
        width: text,
        height: text,
        seed: text,
        "plain-prompt": { type: "boolean" },
        output: text,
        latents: text,
        prompts: text,
        "output-dir": text,
      },
    });
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException;
    const remedy =
      code === "ERR_PARSE_ARGS_UNKNOWN_OPTION" ? `; there are ${optionsOfSettings.join(", ")}, ${OTHERS}.` : "";
    throw invalid(message.replaceAll("\n", " ") + remedy);
  }
}

/**
 * A line of the prompts file: any of the settings, in camel case, snake case or with hyphens. null is the model's default, and an
 * "id" is for whoever wrote the file.
 */
export function readLine(line: string, place: string): AskedSettings {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    throw invalid(`${place} is no JSON; write one object a line, such as {"prompt": "a red apple", "seed": 7}.`);
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw invalid(`${place} is no JSON object.`);
  return toSettings(value as Record<string, unknown>, place);
}

function toSettings(values: Record<string, unknown>, place: string): AskedSettings {
  const settings: Record<string, string | number | boolean | number[]> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || name === "id") continue;
    const key = name.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
    if (!KEYS.has(key)) throw invalid(`"${name}" in ${place} is no setting; there are ${[...KEYS].join(", ")}.`);
    if (key === INTERVAL) settings[key] = toInterval(name, value);
    else if (key === PLAIN) settings[key] = toFlag(name, value);
    else settings[key] = TEXTS.includes(key as (typeof TEXTS)[number]) ? String(value) : toNumber(name, value);
  }
  return settings as AskedSettings;
}

/** FILE or FILE:scale */
function toLora(value: string): { path: string; scale: number } {
  const found = /^(.+):([^:/\\]+)$/.exec(value);
  return found ? { path: found[1], scale: toNumber("lora", found[2]) } : { path: value, scale: 1 };
}

/** Two numbers: an array, or text with a comma. */
function toInterval(name: string, value: unknown): number[] {
  const parts = Array.isArray(value) ? value : String(value).split(",");
  if (parts.length !== 2) throw invalid(`${name} is "${value}"; give two numbers from 0 to 1, such as 0,0.5.`);
  return parts.map((part) => toNumber(name, part));
}

function toFlag(name: string, value: unknown): boolean {
  if (typeof value === "boolean") return value;
  throw invalid(`${name} is "${value}"; give true or false.`);
}

function toNumber(name: string, value: unknown): number {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  if (typeof number !== "number" || Number.isNaN(number)) throw invalid(`${name} is "${value}"; give a number.`);
  return number;
}

/** A file whose name ends otherwise would hold another format than it says. */
function checkEnding(option: string, path: string, ending: string, content: string): void {
  const { name, ext } = parsePath(path);
  if (ext === "" || ext.toLowerCase() === ending) return;
  throw invalid(
    `--${option} ${path} ends in ${ext}, but ${content} can only be written as ${ending}; give ${name}${ending}.`,
  );
}

function invalid(message: string): EngineError {
  return new EngineError("InvalidSetting", message);
}
