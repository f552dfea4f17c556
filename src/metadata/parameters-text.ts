/**
 * The `parameters` text of AUTOMATIC1111's web UI, which Fooocus and Civitai also read: the prompt, a line "Negative prompt: ...", and
 * a last line of "Key: value" pairs, where a value with a comma, a colon or a line break is a JSON string.
 */
import type { MergedLora, Settings } from "../../workers/protocol";
import { loraTitle } from "../loras/loras";
import { type Found, note, setNumber, setSampler } from "./found";
import { webuiName } from "./sampler-names";

const NEGATIVE = "Negative prompt:";

/** As AUTOMATIC1111 reads it: fewer pairs than this are a part of the prompt. */
const FEWEST_PAIRS = 3;

/** What says nothing about the picture, or is said by another key. */
const SILENT = new Set(["Model hash", "VAE hash", "Version", "User", "Created Date", "Hashes", "Lora hashes", "RNG"]);
/** Values that are these tools' defaults. */
const DEFAULTS = new Set(["Clip skip: 1", "ENSD: 0", "Eta: 0"]);

/** Of our own: the web UI has no word for it, and passes over what it does not know. */
const INTERVAL = "Guidance interval";

export interface Made {
  settings: Settings;
  model: { id: string; title: string };
  /** of image-to-image */
  strength?: number;
  loras?: MergedLora[];
}

export function writeParameters({ settings, model, strength, loras = [] }: Made): string {
  const {
    prompt,
    negativePrompt,
    sampler,
    steps,
    guidanceScale,
    guidanceInterval,
    seed,
    width,
    height,
    eta,
    variation,
  } = settings;
  const pairs: [string, string | number | undefined][] = [
    ["Steps", steps],
    ["Sampler", webuiName(sampler)],
    ["CFG scale", guidanceScale],
    [INTERVAL, guidanceInterval?.join("-")],
    ["Seed", seed],
    ["Size", `${width}x${height}`],
    ["Model", model.title],
    ["Denoising strength", strength],
    ["Eta", eta],
    ["Variation seed", variation?.seed],
    ["Variation seed strength", variation?.strength],
    ["Lora hashes", loras.map(({ name, hash }) => `${loraTitle(name)}: ${hash}`).join(", ") || undefined],
    // Seeds are torch's CPU generator here, which is not the web UI's default.
    ["RNG", "CPU"],
    ["Version", "Darkroom"],
  ];
  const last = pairs.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}: ${quote(`${value}`)}`);
  const tags = loras.map(({ name, scale }) => ` <lora:${loraTitle(name)}:${scale}>`).join("");
  return [prompt + tags, ...(negativePrompt ? [`${NEGATIVE} ${negativePrompt}`] : []), last.join(", ")].join("\n");
}

/** Where the web UI's prompts name a LoRA and its weight. */
const LORA = / ?<lora:([^:<>]+)(?::([\d.]+))?[^<>]*>/g;

/** Null where the text is not of this kind. */
export function readParameters(text: string): Found | null {
  const lines = text.trim().split("\n");
  const pairs = readPairs(lines[lines.length - 1]);
  if (pairs.length < FEWEST_PAIRS) return null;
  lines.pop();
  const prompt: string[] = [];
  const negative: string[] = [];
  let into = prompt;
  for (const line of lines.map((one) => one.trim())) {
    if (line.startsWith(NEGATIVE)) {
      into = negative;
      into.push(line.slice(NEGATIVE.length).trim());
    } else into.push(line);
  }
  const written = prompt.join("\n");
  const loras = Array.from(written.matchAll(LORA), ([, name, scale = "1"]) => ({ name, scale: Number(scale) }));
  const found: Found = {
    source: "AUTOMATIC1111",
    settings: { prompt: written.replace(LORA, ""), negativePrompt: negative.join("\n") },
    unmapped: [],
    ...(loras.length > 0 && { loras }),
  };
  const values = new Map(pairs);
  const take = (key: string) => {
    const value = values.get(key);
    values.delete(key);
    return value;
  };
  setNumber(found, "steps", "Steps", take("Steps"));
  setNumber(found, "guidanceScale", "CFG scale", take("CFG scale"));
  setNumber(found, "seed", "Seed", take("Seed"));
  const size = take("Size");
  const sides = /^(\d+)x(\d+)$/.exec(size ?? "");
  if (sides) {
    setNumber(found, "width", "Width", sides[1]);
    setNumber(found, "height", "Height", sides[2]);
  } else if (size !== undefined) found.unmapped.push(note("Size", size));
  const interval = take(INTERVAL);
  const [start, end] = interval?.split("-").map(Number) ?? [];
  if (start >= 0 && start <= end && end <= 1) found.settings.guidanceInterval = [start, end];
  else if (interval !== undefined) found.unmapped.push(note(INTERVAL, interval));
  const sampler = take("Sampler");
  const schedule = take("Schedule type");
  if (sampler) setSampler(found, sampler, schedule);
  const model = take("Model");
  if (model) found.model = model;
  if (found.settings.seed !== undefined && values.get("RNG") !== "CPU")
    found.unmapped.push(`the noise of RNG ${values.get("RNG") ?? "GPU"} (the seed gives other noise here)`);
  for (const [key, value] of values) {
    const pair = note(key, value);
    if (!SILENT.has(key) && !DEFAULTS.has(pair)) found.unmapped.push(pair);
  }
  return found;
}

function quote(value: string): string {
  return /[,:\n]/.test(value) ? JSON.stringify(value) : value;
}

/** One pass, each character read once or twice: these texts come from anywhere. */
function readPairs(line: string): [string, string][] {
  const pairs: [string, string][] = [];
  let at = 0;
  while (at < line.length) {
    const colon = line.indexOf(":", at);
    if (colon < 0) break;
    // A key begins after the last comma before its colon.
    const key = line.slice(Math.max(at, line.lastIndexOf(",", colon) + 1), colon).trim();
    const quoted = readQuoted(line, colon + 1);
    const comma = line.indexOf(",", colon);
    const end = quoted?.end ?? (comma < 0 ? line.length : comma);
    if (/^\w[\w \-/]*$/.test(key)) pairs.push([key, quoted?.text ?? line.slice(colon + 1, end).trim()]);
    at = end + 1;
  }
  return pairs;
}

/** A JSON string up to a comma or the end of the line. */
function readQuoted(line: string, from: number): { text: string; end: number } | null {
  let at = from;
  while (line[at] === " ") at++;
  if (line[at] !== '"') return null;
  const start = at;
  for (at++; at < line.length && line[at] !== '"'; at++) if (line[at] === "\\") at++;
  let end = at + 1;
  while (line[end] === " ") end++;
  if (end < line.length && line[end] !== ",") return null;
  try {
    return { text: JSON.parse(line.slice(start, at + 1)) as string, end };
  } catch {
    return null;
  }
}
