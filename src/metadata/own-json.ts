/** The exact settings as JSON: in a PNG text of our own and in links. Read with care, since it comes from anywhere. */
import * as v from "valibot";
import { readSettings, versionOf } from "../../workers/settings/read";
import { type Found, isObject, note } from "./found";
import type { Made } from "./programs/automatic1111";

/** Only ASCII, so that every PNG reader reads it. */
export function writeOwn({ settings, model, strength, loras }: Made): string {
  const more = { ...(strength !== undefined && { strength }), ...(loras && { loras }) };
  const json = JSON.stringify({ darkroom: versionOf(settings), model, settings, ...more });
  return json.replace(/[\u007f-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);
}

const lora = v.object({ name: v.string(), scale: v.pipe(v.number(), v.finite()) });

/** Null where the JSON is not ours. */
export function readOwn(json: unknown): Found | null {
  if (!isObject(json) || typeof json.darkroom !== "number" || !isObject(json.settings)) return null;
  const { settings, unknown } = readSettings(json.settings);
  const unmapped = unknown.map(([name, value]) => note(name, value));
  if (typeof json.strength === "number") unmapped.push(`the start image (strength ${json.strength})`);
  const model = isObject(json.model) && typeof json.model.id === "string" ? json.model.id : undefined;
  const list: unknown[] = Array.isArray(json.loras) ? json.loras : [];
  const loras = list.filter((one) => v.is(lora, one)).map(({ name, scale }) => ({ name, scale }));
  const more = { ...(model && { model }), ...(loras.length > 0 && { loras }) };
  return { source: "Darkroom", settings, unmapped, ...more };
}
