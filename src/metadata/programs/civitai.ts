/** Civitai's own generator: a JSON object that is a ComfyUI graph, with the request beside its nodes in `extraMetadata`. */

import { jsonOf } from "../formats/python-json";
import { type Found, isObject, type Json, note } from "../found";
import {
  type Mapping,
  mapValues,
  named,
  negativePrompt,
  number,
  prompt,
  type Setter,
  sampler,
  silent,
} from "../mapping";
import type { Texts } from "../texts";
import { readComfyGraph } from "./comfyui/comfyui";

/** Models are told by the number of their version alone. */
const resources: Setter = (found, value) => {
  for (const one of Array.isArray(value) ? value.filter(isObject) : [])
    found.unmapped.push(`${note("Civitai model version", one.modelVersionId)}, strength ${one.strength ?? 1}`);
};

const MAPPING: Mapping = {
  prompt,
  negativePrompt,
  steps: number("steps", "Steps"),
  cfgScale: number("guidanceScale", "CFG scale"),
  seed: number("seed", "Seed"),
  sampler: sampler(),
  width: number("width", "Width"),
  height: number("height", "Height"),
  clipSkip: named("Clip skip", 1),
  denoise: named("Denoise", 1),
  resources,
  workflowId: named("Workflow", "txt2img"),
  baseModel: silent,
};

export function readCivitai(texts: Texts): Found | null {
  const json = texts.jsonOf("parameters");
  const extra = typeof json?.extraMetadata === "string" ? jsonOf(json.extraMetadata) : json?.extraMetadata;
  if (!json || !isObject(extra) || typeof extra.prompt !== "string") return null;
  const graph = graphIn(json);
  const found = mapValues("Civitai", extra, MAPPING);
  return { ...found, ...(graph?.model && { model: graph.model }), settings: { ...graph?.settings, ...found.settings } };
}

/** Only what the request left out is taken from it. */
function graphIn(json: Json): Found | null {
  try {
    return readComfyGraph(json, undefined);
  } catch {
    return null; // the request says the most of it
  }
}
