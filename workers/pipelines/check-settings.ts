import * as v from "valibot";
import { EngineError } from "../errors.ts";
import type { GenerateRequest, ModelInfo } from "../protocol.ts";
import { FRACTION, rangeProblem } from "../settings/kinds.ts";
import { settingNames, settingOf } from "../settings/read.ts";
import type { Setting } from "../settings/setting.ts";
import type { Pipeline } from "./pipeline.ts";
import { COMMON_SETTINGS } from "./registry.ts";

/** Those without which no picture is made. */
const REQUIRED = new Set<string>([
  "prompt",
  "negativePrompt",
  "sampler",
  "steps",
  "guidanceScale",
  "seed",
  "width",
  "height",
]);

/** @throws EngineError InvalidSetting: which setting, and what it may be */
export function checkSettings({ settings, image, mask }: GenerateRequest, model: ModelInfo, pipeline: Pipeline): void {
  const read = new Set<string>([...REQUIRED, ...COMMON_SETTINGS, ...pipeline.settings]);
  for (const name of settingNames) {
    const value = settings[name];
    const row = settingOf(name);
    if (value === undefined || !row) continue;
    if (!read.has(name)) throw invalid(`${pipeline.label} does not use the setting "${row.label}"; remove it.`);
    const isTyped = row.field ? typeof value === "number" : v.is(row.schema, value);
    const problem = isTyped ? row.problem?.(value, model) : illTyped(row, value);
    if (problem) throw invalid(problem);
  }
  if (!image) return;
  const problem = rangeProblem("The strength", image.strength, FRACTION);
  if (problem) throw invalid(problem);
  for (const [name, { width, height }] of Object.entries({ picture: image.picture, ...(mask ? { mask } : {}) })) {
    if (width !== settings.width || height !== settings.height) {
      throw invalid(
        `The ${name} has ${width} x ${height} pixels and the run ${settings.width} x ${settings.height}; make them the same.`,
      );
    }
  }
}

function illTyped({ label, remedy }: Setting<unknown>, value: unknown): string {
  return `${label} is ${typeof value === "number" ? value : JSON.stringify(value)}; ${remedy}.`;
}

function invalid(message: string): EngineError {
  return new EngineError("InvalidSetting", message);
}
