/** AUTOMATIC1111's web UI and what writes its text: Forge, SD.Next, Civitai, image savers of ComfyUI. */
import type { MergedLora, Settings } from "../../../workers/protocol";
import { readSettings, settingNames } from "../../../workers/settings/read";
import type { Setting } from "../../../workers/settings/setting";
import { settingsTable } from "../../../workers/settings/table";
import { loraTitle } from "../../loras/loras";
import { parseInfotext, writeInfotext } from "../formats/infotext";
import { jsonOf } from "../formats/python-json";
import { type Found, isObject, type Json, note } from "../found";
import { taggedNegativePrompt, taggedPrompt } from "../lora-tags";
import { addLora, type Mapping, mapValues, model, named, number, type Setter, sampler, silent, size } from "../mapping";
import { webuiName } from "../sampler-names";

/** Settings that the web UI has no word for: it passes over keys that it does not know. */
const OWN_KEYS: Mapping = Object.fromEntries(
  settingNames.flatMap((name): [string, Setter][] => {
    const { parameters } = settingsTable[name] as Setting<unknown>;
    const read = parameters?.read;
    if (!parameters || !read) return [];
    const setter: Setter = (found, value) => {
      const { settings, unknown } = readSettings({ [name]: read(String(value)) });
      Object.assign(found.settings, settings);
      found.unmapped.push(...unknown.map(() => note(parameters.key, value)));
    };
    return [[parameters.key, setter]];
  }),
);

/** Noise of other generators is other noise: then a variation is another, too. */
const variation: Setter = (found, value, { "Variation seed strength": strength, RNG }) => {
  const [seed, share] = [Number(value), Number(strength)];
  if (RNG === "CPU" && Number.isSafeInteger(seed) && seed >= 0 && share >= 0 && share <= 1)
    found.settings.variation = { seed, strength: share };
  else found.unmapped.push(note("Variation seed", value), note("Variation seed strength", strength ?? 0));
};

/** Civitai's own generator names its models in JSON, and no LoRA in the prompt. */
const resources: Setter = (found, value) => {
  const list = jsonOf(String(value));
  if (!Array.isArray(list)) return void found.unmapped.push(note("Civitai resources", value));
  const hasTags = found.loras !== undefined;
  for (const one of list.filter(isObject)) {
    const name = String(one.modelName ?? one.modelVersionName ?? `resource ${one.modelVersionId}`);
    const isLora = ["lora", "lycoris", "locon", "dora"].includes(String(one.type).toLowerCase());
    if (isLora && !hasTags) addLora(found, name, one.weight ?? 1);
    else if (one.type === "checkpoint") found.model ??= name;
    else if (!isLora) found.unmapped.push(note(String(one.type), name));
  }
};

const MAPPING: Mapping = {
  prompt: taggedPrompt,
  negativePrompt: taggedNegativePrompt,
  Steps: number("steps", "Steps"),
  "CFG scale": number("guidanceScale", "CFG scale"),
  Seed: number("seed", "Seed"),
  Size: size,
  ...OWN_KEYS,
  Sampler: sampler("Schedule type"),
  "Schedule type": silent,
  Model: model,
  "Variation seed": variation,
  "Variation seed strength": silent,
  "Civitai resources": resources,
  "Clip skip": named("Clip skip", "1"),
  ENSD: named("ENSD", "0"),
  Eta: named("Eta", "0"),
  RNG: silent,
  "Lora hashes": silent,
  "Model hash": silent,
  "VAE hash": silent,
  Hashes: silent,
  Version: silent,
  User: silent,
  "Created Date": silent,
};

/** Null where the text is not of this kind. */
export function readParameters(text: string): Found | null {
  const infotext = parseInfotext(text);
  if (!infotext) return null;
  const { pairs, ...prompts } = infotext;
  const values: Json = Object.fromEntries(pairs);
  const found = mapValues("AUTOMATIC1111", { ...prompts, ...values, ...prompts }, MAPPING);
  if (!found.loras && typeof values["Lora hashes"] === "string")
    found.unmapped.push(note("LoRAs", values["Lora hashes"]));
  // ComfyUI draws its noise as torch does on the CPU.
  if (values.RNG === "CPU" || values.Version === "ComfyUI" || found.settings.seed === undefined) return found;
  found.unmapped.push(`the noise of RNG ${values.RNG ?? "GPU"} (the seed gives other noise here)`);
  return found;
}

export interface Made {
  settings: Settings;
  model: { id: string; title: string };
  /** of image-to-image */
  strength?: number;
  loras?: MergedLora[];
}

export function writeParameters({ settings, model: { title }, strength, loras = [] }: Made): string {
  const { width, height, variation } = settings;
  const named = settingNames.flatMap((name): [string, string][] => {
    const { parameters } = settingsTable[name] as Setting<unknown>;
    const value = settings[name];
    return parameters && value !== undefined ? [[parameters.key, (parameters.write ?? String)(value)]] : [];
  });
  // The web UI begins with the steps and the sampler.
  const [steps, ...others] = named;
  const pairs: [string, string | number | undefined][] = [
    steps,
    ["Sampler", webuiName(settings.sampler)],
    ...others,
    ["Size", `${width}x${height}`],
    ["Model", title],
    ["Denoising strength", strength],
    ["Variation seed", variation?.seed],
    ["Variation seed strength", variation?.strength],
    ["Lora hashes", loras.map(({ name, hash }) => `${loraTitle(name)}: ${hash}`).join(", ") || undefined],
    // Seeds are torch's CPU generator here, which is not the web UI's default.
    ["RNG", "CPU"],
    ["Version", "Darkroom"],
  ];
  return writeInfotext({
    prompt: settings.prompt + loras.map(({ name, scale }) => ` <lora:${loraTitle(name)}:${scale}>`).join(""),
    negativePrompt: settings.negativePrompt,
    pairs: pairs.flatMap(([key, value]): [string, string][] => (value === undefined ? [] : [[key, `${value}`]])),
  });
}
