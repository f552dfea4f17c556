import type * as v from "valibot";
import type { ModelInfo, Settings } from "../protocol.ts";

/** What a loaded model allows. */
export type Limits = Pick<ModelInfo, "title" | "sizeMultiple" | "minSize" | "maxSize" | "samplers" | "pipelines">;

/** The numbers that may be typed: `min + k * step`. */
export interface Range {
  readonly min: number;
  readonly max: number;
  readonly step: number;
  readonly whole: boolean;
}

/** A number that has an input of its own: all of a setting, or one end of a pair. */
export interface Field {
  readonly label: string;
  /** null before a model is loaded */
  range(model: Limits | null): Range;
}

/** All that is known of a setting: the form, the checks, files, lists, plots and the command line read it here. */
export interface Setting<T> {
  readonly label: string;
  /** its type, wherever it comes from */
  readonly schema: v.GenericSchema<unknown, T>;
  /** the version of the file format that knew it first */
  readonly since: number;
  /** what keeps a value from being run, in one sentence with the remedy; undefined where nothing does */
  problem?(value: T, model: Limits): string | undefined;
  /** where it is one number */
  readonly field?: Field;
  /** how lists show it; undefined where it is left out */
  text(value: T, samplers: ModelInfo["samplers"]): string | undefined;
  /** from the text of a command line or of a plot's axis; undefined where the text is not such a value */
  parse(text: string): T | undefined;
  /** what to write, for a text that `parse` refuses: "give a number" */
  readonly remedy: string;
  /** has no input of its own in the form, which carries it along and shows it with a button that removes it */
  readonly carried?: boolean;
  /** in AUTOMATIC1111's parameters text: the key, and the value where it is not `String(value)` */
  readonly parameters?: { readonly key: string; write?(value: T): string; read?(text: string): T | undefined };
}

export type SettingName = keyof Settings;

/** A row for each setting, required or not. */
export type SettingsTable = { readonly [K in SettingName]-?: Setting<NonNullable<Settings[K]>> };
