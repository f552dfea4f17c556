/** What an axis of a plot can vary, how its values are read and what each does to a run. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { FRACTION } from "../../workers/settings/kinds";
import type { Field, Setting, SettingName } from "../../workers/settings/setting";
import { settingsTable } from "../../workers/settings/table";
import type { NewRun } from "../runs/run";
import { fieldError, fields, type NumberField } from "../settings/form";
import { readNumbers, splitAll, splitValues } from "./values";

/** A value of an axis: what the grid says of it, and the run with it. */
export interface AxisValue {
  label: string;
  apply(run: NewRun): NewRun;
  /** whether it changes the start image that a run was given, not the settings */
  late?: true;
}

export interface AxisKind {
  id: string;
  label: string;
  /** an example of its values */
  example: string;
  /** whether it varies something about the start image */
  needsImage?: true;
  /** @throws Error in one sentence */
  read(text: string, base: NewRun, info: ModelInfo): AxisValue[];
}

/** One axis as it is typed; an empty kind is an axis that is not used. */
export interface Axis {
  kind: string;
  text: string;
}

const withSettings = (run: NewRun, patch: Partial<Settings>): NewRun => ({
  ...run,
  settings: { ...run.settings, ...patch },
});

function numbers(
  text: string,
  field: Field,
  info: ModelInfo,
  apply: (run: NewRun, value: number) => NewRun,
): AxisValue[] {
  return readNumbers(text, field.range(info).whole).map((value) => {
    const error = fieldError(String(value), field, info);
    if (error) throw new Error(error);
    return { label: `${field.label}: ${value}`, apply: (run) => apply(run, value) };
  });
}

/** Where guidance begins (0) or ends (1) in the steps. */
function guidanceBound(bound: 0 | 1, id: NumberField): AxisKind {
  const field = fields[id];
  const apply = (run: NewRun, value: number) => {
    const [start, end] = run.settings.guidanceInterval ?? [0, 1];
    return withSettings(run, { guidanceInterval: bound === 0 ? [value, end] : [start, value] });
  };
  return { id, label: field.label, example: "0-1 [5]", read: (text, _base, info) => numbers(text, field, info, apply) };
}

/** A setting that is one number. */
function numeric(id: SettingName, example: string): AxisKind {
  const { label, field = { label, range: () => FRACTION } } = settingsTable[id] as Setting<unknown>;
  return {
    id,
    label,
    example,
    read: (text, _base, info) => numbers(text, field, info, (run, value) => withSettings(run, { [id]: value })),
  };
}

/** The first value is searched for in both prompts and replaced by each, letter for letter. An empty one removes it. */
const promptReplace: AxisKind = {
  id: "prompt",
  label: "Prompt S/R",
  example: "apple, pear, cherry",
  read(text, { settings }) {
    const values = splitAll(text);
    const [search] = values;
    if (search === "") throw new Error("The first value is empty; it is what the prompts are searched for.");
    if (search !== undefined && !settings.prompt.includes(search) && !settings.negativePrompt.includes(search))
      throw new Error(`"${search}" is in neither prompt; the first value is what is looked for and replaced.`);
    return values.map((value) => ({
      label: value || "(removed)",
      apply: (run) =>
        withSettings(run, {
          prompt: run.settings.prompt.replaceAll(search, () => value),
          negativePrompt: run.settings.negativePrompt.replaceAll(search, () => value),
        }),
    }));
  },
};

const sampler: AxisKind = {
  id: "sampler",
  label: "Sampler",
  example: "Euler, DDIM",
  read: (text, _base, { samplers }) =>
    splitValues(text).map((value) => {
      const wanted = value.toLowerCase();
      const found = samplers.find(({ id, label }) => label.toLowerCase() === wanted || id === wanted);
      if (!found)
        throw new Error(`There is no sampler "${value}"; there are ${samplers.map((one) => one.label).join(", ")}.`);
      return { label: found.label, apply: (run) => withSettings(run, { sampler: found.id }) };
    }),
};

const size: AxisKind = {
  id: "size",
  label: "Size",
  example: "128x128, 256x128",
  read: (text, _base, info) =>
    splitValues(text).map((value) => {
      const match = /^(\d+)\s*[x×]\s*(\d+)$/i.exec(value);
      if (!match) throw new Error(`"${value}" is not a size like 256x128.`);
      const error = fieldError(match[1], fields.width, info) ?? fieldError(match[2], fields.height, info);
      if (error) throw new Error(error);
      const [width, height] = [Number(match[1]), Number(match[2])];
      return { label: `${width} × ${height}`, apply: (run) => withSettings(run, { width, height }) };
    }),
};

const strength: AxisKind = {
  id: "strength",
  label: "Strength",
  example: "0.2-1 [5]",
  needsImage: true,
  read: (text, _base, info) =>
    numbers(text, { label: "Strength", range: () => FRACTION }, info, (run, value) =>
      run.image ? { ...run, image: { ...run.image, strength: value } } : run,
    ).map((value) => ({ ...value, late: true })),
};

export const AXIS_KINDS: readonly AxisKind[] = [
  promptReplace,
  numeric("seed", "1-4"),
  numeric("steps", "4, 8, 16"),
  numeric("guidanceScale", "1-9 (+2)"),
  guidanceBound(0, "guidanceStart"),
  guidanceBound(1, "guidanceEnd"),
  sampler,
  size,
  strength,
  numeric("guidanceRescale", "0-1 [5]"),
  numeric("eta", "0-1 [5]"),
];

export const ONE: readonly AxisValue[] = [{ label: "", apply: (run) => run }];

/** The values of an axis; one that changes nothing where it is not used. @throws Error in one sentence */
export function readAxis({ kind, text }: Axis, base: NewRun, info: ModelInfo): readonly AxisValue[] {
  if (kind === "") return ONE;
  const found = AXIS_KINDS.find(({ id }) => id === kind);
  if (!found) throw new Error("Choose what this axis varies.");
  const values = found.read(text, base, info);
  if (values.length === 0) throw new Error(`Give the values, for example ${found.example}.`);
  return values;
}
