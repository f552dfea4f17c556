/** Found settings into the form: what the loaded model can do is taken over, the rest is named. */
import type { ModelInfo, Settings } from "../../workers/protocol";
import { loraTitle } from "../loras/loras";
import { type Form, fieldError, fields, fromSettings, toRuns } from "../settings/form";
import { type Found, note } from "./found";
import { offered } from "./sampler-names";

export interface Restored {
  form: Form;
  /** what could not be mapped */
  unmapped: string[];
}

const NUMBERS = ["steps", "guidanceScale", "width", "height", "seed"] as const;

export function restore(typed: Form, found: Found, info: ModelInfo): Restored {
  const unmapped = [...found.unmapped];
  const { guidanceInterval: _, ...defaults } = info.defaults;
  // What the file does not say is the model's default: the form's own would be of another picture. A file without an interval says that
  // every step was guided.
  const settings: Settings = { ...defaults, ...found.settings };
  if (found.settings.sampler !== undefined) {
    const sampler = offered(found.settings.sampler, info.samplers);
    if (!sampler) unmapped.push(`${note("Sampler", found.settings.sampler)} (${info.title} does not offer it)`);
    settings.sampler = sampler ?? defaults.sampler;
  }
  for (const key of NUMBERS) {
    const error = fieldError(String(settings[key]), fields[key], info);
    if (!error) continue;
    unmapped.push(`${note(fields[key].label, settings[key])} (${error.replace(/\.$/, "")})`);
    settings[key] = defaults[key];
  }
  if (found.model !== undefined && ![info.id, info.title].includes(found.model))
    unmapped.push(`${note("Model", found.model)} (${info.title} is loaded)`);
  unmapped.push(...otherLoras(found.loras, info.loras));
  const form = { ...fromSettings(typed, settings), count: "1" };
  const kept: object = toRuns(form)[0]?.settings ?? {};
  for (const [key, value] of Object.entries(found.settings))
    if (!Object.hasOwn(kept, key)) unmapped.push(note(key, value));
  return { form, unmapped: [...new Set(unmapped)] };
}

/** What has to be switched on or off under Models for the same picture. */
function otherLoras(found: Found["loras"] = [], loaded: ModelInfo["loras"] = []): string[] {
  type Lora = (typeof found)[number];
  const named = ({ name, scale }: Lora) => `LoRA ${loraTitle(name)} at ${scale}`;
  const without = (some: Lora[], others: Lora[]) => some.map(named).filter((one) => !others.map(named).includes(one));
  return [
    ...without(found, loaded).map((one) => `${one} (not loaded; add it or switch it on under Models)`),
    ...without(loaded, found).map((one) => `no ${one} (it is loaded; switch it off under Models)`),
  ];
}
