/** In what two pictures' settings differ. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { settingNames, settingOf } from "../../workers/settings/read";

export interface Difference {
  label: string;
  a: string;
  b: string;
}

/** The settings that are not the same, in the table's order; those that a branch only notes for itself are left out. */
export function differences(a: Settings, b: Settings, samplers: ModelInfo["samplers"]): Difference[] {
  return settingNames.flatMap((name) => {
    const row = settingOf(name);
    if (!row) return [];
    const [one, other] = [a, b].map((settings) => {
      const value = settings[name];
      return (value === undefined ? undefined : row.text(value, samplers)) ?? "none";
    });
    return one === other ? [] : [{ label: row.label, a: one, b: other }];
  });
}
