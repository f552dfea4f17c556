/** Settings from a picture file or from its texts, whichever program wrote them. */
import { readFileTexts } from "./file-texts";
import type { FileText } from "./formats/file-text";
import { type Found, isObject, type Source } from "./found";
import { readOwn } from "./own-json";
import { readParameters } from "./programs/automatic1111";
import { readCivitai } from "./programs/civitai";
import { readComfyGraph, readComfyUi } from "./programs/comfyui/comfyui";
import { readDrawThings } from "./programs/draw-things";
import { readEasyDiffusion } from "./programs/easy-diffusion";
import { readFooocus } from "./programs/fooocus";
import { readInvokeAi } from "./programs/invokeai";
import { readNovelAi } from "./programs/novelai";
import { readRuinedFooocus } from "./programs/ruined-fooocus";
import { readSwarmUi } from "./programs/swarmui";
import { type Texts, textsOf } from "./texts";

/** The keyword of our own JSON. */
export const OWN_KEYWORD = "darkroom";

/** Said where they were asked for. */
export const NO_SETTINGS = "The file holds no settings; sites and messengers often remove them. Use the original file.";

/** In this order: exact settings first, then texts that can be only one program's, then those that several write. */
const PROGRAMS: readonly ((texts: Texts) => Found | null)[] = [
  (texts) => readOwn(texts.jsonOf(OWN_KEYWORD)),
  readSwarmUi,
  readRuinedFooocus,
  readEasyDiffusion,
  readCivitai,
  readNovelAi,
  readInvokeAi,
  readDrawThings,
  readFooocus,
  (texts) => readParameters(texts.of("parameters") ?? ""),
  (texts) => readParameters(texts.of("ImageDescription") ?? ""),
  readComfyUi,
  readWrapped,
];

/** Some savers of ComfyUI put both graphs into one object. */
function readWrapped(texts: Texts): Found | null {
  const json = texts.jsonOf("parameters");
  const [ran, drawn] = [json?.prompt, json?.workflow].map((one) => (isObject(one) ? one : undefined));
  return Array.isArray(json?.nodes) ? readComfyGraph(undefined, json) : readComfyGraph(ran ?? json, drawn);
}

/**
 * Null where the file is not a picture or holds no settings.
 * @throws Error with the cause and the remedy, where the file is damaged, or its settings are in a form that is not read
 */
export async function readSettings(file: Blob): Promise<Found | null> {
  return settingsIn(await readFileTexts(file));
}

/** @throws Error where a program's settings are in a form that is not read */
export function settingsIn(list: readonly FileText[]): Found | null {
  const texts = textsOf(list);
  for (const read of PROGRAMS) {
    const found = read(texts);
    if (found) return found;
  }
  const program = unreadProgram(list);
  if (program)
    throw new Error(
      `The file holds settings of ${program} in a form that Darkroom does not read. Open it there and copy the settings.`,
    );
  return null;
}

/** Settings that were copied as text. @throws Error as `settingsIn` does */
export function settingsOfText(text: string): Found | null {
  return settingsIn([{ keyword: "parameters", text }]);
}

/** Shorter texts are prompts. */
const FEWEST_CHARACTERS = 20;

/** Whose settings a text is; undefined where it is not settings, or cannot be read. A prompt may hold pairs, too, but no steps. */
export function sourceOfText(text: string): Source | undefined {
  if (text.length < FEWEST_CHARACTERS || !/[\n{]/.test(text)) return undefined;
  try {
    const found = settingsOfText(text);
    return found?.settings.steps === undefined ? undefined : found.source;
  } catch {
    return undefined;
  }
}

/** What left its mark, though none of the readers knows the form. */
const MARKS: readonly [RegExp, string][] = [
  [/invokeai|^sd-metadata$|^Dream$/i, "InvokeAI"],
  [/sui_image_params|swarm_version/, "SwarmUI"],
  [/NovelAI/, "NovelAI"],
  [/Draw ?Things/, "Draw Things"],
  [/RuinedFooocus/, "RuinedFooocus"],
  [/Fooocus/, "Fooocus"],
  [/"class_type"|"widgets_values"/, "ComfyUI"],
  [/Easy Diffusion/i, "Easy Diffusion"],
];
/** A prompt and the number of steps, in JSON or in lines. */
const LOOKS_LIKE_SETTINGS = [/prompt/i, /\b(?:num_inference_)?steps"?\s*[:=]/i];

function unreadProgram(list: readonly FileText[]): string | undefined {
  for (const { keyword, text } of list) {
    const known = MARKS.find(([mark]) => mark.test(keyword) || mark.test(text))?.[1];
    if (known) return known;
    if (LOOKS_LIKE_SETTINGS.every((mark) => mark.test(text))) return `another program (in its text “${keyword}”)`;
  }
  return undefined;
}
