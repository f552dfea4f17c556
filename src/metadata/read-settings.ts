/** Settings from a PNG file or from JSON, whoever wrote them. */
import { readComfyUi } from "./comfyui";
import { readFooocus } from "./fooocus";
import { type Found, parsePythonJson } from "./found";
import { readOwn } from "./own-json";
import { readParameters } from "./parameters-text";
import { isPng, type PngText, readPngText } from "./png-text";

/** The keyword of our own JSON. */
export const OWN_KEYWORD = "darkroom";

const MAX_BYTES = 1 << 28;

/** Said where they were asked for. */
export const NO_SETTINGS =
  "The file holds no settings that can be read; sites and messengers often remove them. Use the original PNG file.";

/**
 * Null where the file is no PNG or holds no settings.
 * @throws Error with the cause and the remedy, where the file is damaged
 */
export async function readSettings(file: Blob): Promise<Found | null> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  if (!isPng(head)) return null;
  if (file.size > MAX_BYTES) throw new Error("The file is larger than 256 MB, which no picture with settings is.");
  return settingsIn(readPngText(new Uint8Array(await file.arrayBuffer())));
}

/** The exact settings before the others' texts. */
export function settingsIn(texts: readonly PngText[]): Found | null {
  const of = (keyword: string) => texts.find((one) => one.keyword === keyword)?.text;
  const parameters = of("parameters");
  return (
    readOwn(jsonOf(of(OWN_KEYWORD))) ??
    readFooocus(parameters?.trimStart().startsWith("{") ? jsonOf(parameters) : undefined) ??
    (parameters === undefined ? null : readParameters(parameters)) ??
    readComfyUi(jsonOf(of("prompt"))) ??
    readComfyUi(jsonOf(of("workflow")))
  );
}

/** Undefined where the text is no JSON: then it is another tool's. */
function jsonOf(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return parsePythonJson(text);
  } catch {
    return undefined;
  }
}
