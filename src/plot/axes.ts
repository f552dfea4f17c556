/** What an axis of a plot can vary, how its values are read and what each does to a run. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { FRACTION, type NumberField, type Range, rangeError, ranges } from "../develop/form";
import type { NewRun } from "../develop/run";
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
  label: string,
  text: string,
  range: Range,
  apply: (run: NewRun, value: number) => NewRun,
): AxisValue[] {
  return readNumbers(text, range.whole).map((value) => {
    const error = rangeError(String(value), range);
    if (error) throw new Error(error);
    return { label: `${label}: ${value}`, apply: (run) => apply(run, value) };
  });
}

/** Where guidance begins (0) or ends (1) in the steps. */
function guidanceBound(bound: 0 | 1, id: NumberField, label: string): AxisKind {
  const apply = (run: NewRun, value: number) => {
    const [start, end] = run.settings.guidanceInterval ?? [0, 1];
    return withSettings(run, { guidanceInterval: bound === 0 ? [value, end] : [start, value] });
  };
  return { id, label, example: "0-1 [5]", read: (text, _base, info) => numbers(label, text, ranges(info)[id], apply) };
}

function field(id: NumberField & keyof Settings, label: string, example: string): AxisKind {
  return {
    id,
    label,
    example,
    read: (text, _base, info) =>
      numbers(label, text, ranges(info)[id], (run, value) => withSettings(run, { [id]: value })),
  };
}

function fraction(id: "guidanceRescale" | "eta", label: string): AxisKind {
  return {
    id,
    label,
    example: "0-1 [5]",
    read: (text) => numbers(label, text, { ...FRACTION, label }, (run, value) => withSettings(run, { [id]: value })),
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
      const sides = ranges(info);
      const error = rangeError(match[1], sides.width) ?? rangeError(match[2], sides.height);
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
  read: (text) =>
    numbers("Strength", text, { ...FRACTION, label: "Strength" }, (run, value) =>
      run.image ? { ...run, image: { ...run.image, strength: value } } : run,
    ).map((value) => ({ ...value, late: true })),
};

export const AXIS_KINDS: readonly AxisKind[] = [
  promptReplace,
  field("seed", "Seed", "1-4"),
  field("steps", "Steps", "4, 8, 16"),
  field("guidanceScale", "Guidance scale", "1-9 (+2)"),
  guidanceBound(0, "guidanceStart", "Guidance start"),
  guidanceBound(1, "guidanceEnd", "Guidance end"),
  sampler,
  size,
  strength,
  fraction("guidanceRescale", "Guidance rescale"),
  fraction("eta", "Eta"),
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
