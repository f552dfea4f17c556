/** The command line of `npm run generate`, read and checked. */
import { parse as parsePath } from "node:path";
import { parseArgs } from "node:util";
import * as v from "valibot";
import { EngineError } from "../workers/errors.ts";
import type { Settings } from "../workers/protocol.ts";
import { settingNames, settingOf } from "../workers/settings/read.ts";
import type { SettingName } from "../workers/settings/setting.ts";
import { settingsTable } from "../workers/settings/table.ts";

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

const optionOf = (name: string) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
const isFlag = (name: SettingName) => settingsTable[name].schema.type === "boolean";

const optionsOfSettings = settingNames.map((name) => `--${optionOf(name)}`);
const OTHERS = "--model, --image, --mask, --strength, --lora, --output, --latents, --prompts and --output-dir";

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
        ...Object.fromEntries(
          settingNames.map((name) => [optionOf(name), isFlag(name) ? ({ type: "boolean" } as const) : text]),
        ),
        model: text,
        image: text,
        mask: text,
        strength: text,
        lora: { type: "string", multiple: true },
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
  const settings: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(values)) {
    if (value === undefined || value === null || name === "id") continue;
    const key = name.replace(/[-_](\w)/g, (_, letter: string) => letter.toUpperCase());
    const row = settingOf(key);
    if (!row) throw invalid(`"${name}" in ${place} is not a setting; there are ${settingNames.join(", ")}.`);
    const parsed = typeof value === "string" ? row.parse(value) : value;
    const read = v.safeParse(row.schema, parsed);
    if (!read.success)
      throw invalid(`${name} is "${typeof value === "string" ? value : JSON.stringify(value)}"; ${row.remedy}.`);
    settings[key] = read.output;
  }
  return settings as AskedSettings;
}

/** FILE or FILE:scale */
function toLora(value: string): { path: string; scale: number } {
  const found = /^(.+):([^:/\\]+)$/.exec(value);
  return found ? { path: found[1], scale: toNumber("lora", found[2]) } : { path: value, scale: 1 };
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
