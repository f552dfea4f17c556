/** Kinds of settings: what all numbers, fractions, texts and switches have in common. */
import * as v from "valibot";
import type { Limits, Range, Setting } from "./setting.ts";

type More<T> = Partial<Setting<T>> & Pick<Setting<T>, "label">;

/** A number within a range. */
export function number(range: Range | ((model: Limits | null) => Range), more: More<number>): Setting<number> {
  const rangeOf = typeof range === "function" ? range : () => range;
  const { whole } = rangeOf(null);
  return {
    schema: whole ? v.pipe(v.number(), v.safeInteger(), v.minValue(0)) : v.pipe(v.number(), v.finite()),
    since: 1,
    field: { label: more.label, range: rangeOf },
    problem: (value, model) => rangeProblem(more.label, value, rangeOf(model)),
    text: String,
    parse(text) {
      const value = text.trim() === "" ? Number.NaN : Number(text);
      return Number.isNaN(value) ? undefined : value;
    },
    remedy: "give a number",
    ...more,
  };
}

export const FRACTION: Range = { min: 0, max: 1, step: 0.01, whole: false };
export const SEED: Range = { min: 0, max: Number.MAX_SAFE_INTEGER, step: 1, whole: true };

export function text(more: More<string>): Setting<string> {
  return {
    schema: v.string(),
    since: 1,
    text: (value) => value || undefined,
    parse: (typed) => typed,
    remedy: "give a text",
    ...more,
  };
}

export function flag(more: More<boolean>): Setting<boolean> {
  return {
    schema: v.boolean(),
    since: 1,
    text: (value) => (value ? "yes" : undefined),
    parse: (typed) => ({ true: true, false: false })[typed],
    remedy: "give true or false",
    ...more,
  };
}

/** A setting of several values; on a command line it is written as JSON. */
export function structure<T>(
  schema: v.GenericSchema<unknown, T>,
  more: Pick<Setting<T>, "label" | "text"> & Partial<Setting<T>>,
): Setting<T> {
  return {
    schema,
    since: 1,
    parse(typed) {
      try {
        const read = v.safeParse(schema, JSON.parse(typed));
        return read.success ? read.output : undefined;
      } catch {
        return undefined;
      }
    },
    remedy: "give it as JSON",
    ...more,
  };
}

/** One sentence with the remedy; undefined where the value is in the range. */
export function rangeProblem(label: string, value: number, range: Range): string | undefined {
  return inRange(value, range) ? undefined : `${label} is ${value}; choose ${describeRange(range)}.`;
}

export function inRange(value: number, { min, max, step, whole }: Range): boolean {
  if (!Number.isFinite(value) || value < min || value > max) return false;
  return !whole || (Number.isInteger(value) && (value - min) % step === 0);
}

/** "a whole number from 1 to 1000" */
export function describeRange({ min, max, step, whole }: Range): string {
  const kind = !whole ? "a number" : step > 1 ? `a multiple of ${step}` : "a whole number";
  return `${kind} from ${min} to ${max}`;
}
