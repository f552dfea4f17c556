import * as v from "valibot";
import type { ModelInfo, Settings } from "../protocol.ts";
import type { Setting, SettingName } from "./setting.ts";
import { settingsTable } from "./table.ts";

/** The row of a setting; undefined where there is no such setting. */
export function settingOf(name: string): Setting<unknown> | undefined {
  return Object.hasOwn(settingsTable, name) ? (settingsTable[name as SettingName] as Setting<unknown>) : undefined;
}

export const settingNames = Object.keys(settingsTable) as SettingName[];

/** Settings from JSON that may come from anywhere, and what of it is not a setting. */
export function readSettings(json: object): { settings: Partial<Settings>; unknown: [name: string, value: unknown][] } {
  const settings: Record<string, unknown> = {};
  const unknown: [string, unknown][] = [];
  for (const [name, value] of Object.entries(json)) {
    const row = settingOf(name);
    const read = row && v.safeParse(row.schema, value);
    if (read?.success) settings[name] = read.output;
    else unknown.push([name, value]);
  }
  return { settings: settings as Partial<Settings>, unknown };
}

/** The version of the file format that knows all of these settings. */
export function versionOf(settings: Partial<Settings>): number {
  const used = settingNames.filter((name) => settings[name] !== undefined);
  return Math.max(1, ...used.map((name) => settingsTable[name].since));
}

/** The settings that the form carries along without an input of their own. */
export function carriedOf(settings: Partial<Settings>): Partial<Settings> {
  const entries = settingNames.filter((name) => settingsTable[name].carried && settings[name] !== undefined);
  return Object.fromEntries(entries.map((name) => [name, settings[name]]));
}

/** Each setting's label and text, in the table's order, of those that lists show. */
export function describeSettings(settings: Settings, samplers: ModelInfo["samplers"]): [SettingName, string, string][] {
  return settingNames.flatMap((name): [SettingName, string, string][] => {
    const row = settingOf(name);
    const value = settings[name];
    const text = value === undefined ? undefined : row?.text(value, samplers);
    return row && text !== undefined ? [[name, row.label, text]] : [];
  });
}
