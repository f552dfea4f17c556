/**
 * The text that AUTOMATIC1111's web UI writes with a picture and many tools read: the prompt, a line "Negative prompt: ...", and a line of
 * "Key: value" pairs, where a value with a comma, a colon or a line break is a JSON string. Extensions write raw line breaks and JSON
 * into values, and lines of their own behind the pairs.
 */

export interface Infotext {
  prompt: string;
  negativePrompt: string;
  /** in their order; a key may stand twice */
  pairs: [key: string, value: string][];
}

const NEGATIVE = "Negative prompt:";
/** As AUTOMATIC1111 reads it: fewer pairs than this are a part of the prompt. */
const FEWEST_PAIRS = 3;
/** The first pair in every file of AUTOMATIC1111's. */
const FIRST_KEY = /^\s*Steps:/;
const KEY = /^\w[\w \-/]*$/;
/** What the extension Dynamic Prompts writes behind the pairs. */
const TEMPLATE = /\n(?=(?:Negative )?Template: )/;
/** How many places are tried for the pairs' first line. */
const MAX_TRIES = 8;

/** @returns null where the text is not of this kind */
export function parseInfotext(text: string): Infotext | null {
  const lines = text.trim().split(/\r\n?|\n/);
  for (const from of candidates(lines)) {
    const pairs = parsePairs(lines.slice(from).join("\n"));
    if (pairs.length >= FEWEST_PAIRS) return { ...parsePrompts(lines.slice(0, from)), pairs };
  }
  return null;
}

/** Where the pairs may begin: lines with the usual first key, the last one first, else the last line. */
function candidates(lines: readonly string[]): number[] {
  const first = lines.flatMap((line, i) => (FIRST_KEY.test(line) ? [i] : []));
  return [...first.slice(-MAX_TRIES).reverse(), lines.length - 1];
}

function parsePrompts(lines: readonly string[]): Pick<Infotext, "prompt" | "negativePrompt"> {
  const prompt: string[] = [];
  const negative: string[] = [];
  let into = prompt;
  for (const line of lines.map((one) => one.trim())) {
    if (line.startsWith(NEGATIVE)) {
      into = negative;
      into.push(line.slice(NEGATIVE.length).trim());
    } else into.push(line);
  }
  return { prompt: prompt.join("\n"), negativePrompt: negative.join("\n") };
}

function parsePairs(text: string): Infotext["pairs"] {
  const [pairs, ...templates] = text.split(TEMPLATE);
  const behind = templates.map((line): [string, string] => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  });
  return [...splitPairs(pairs), ...behind];
}

/** One pass, each character read a few times at most: these texts come from anywhere. */
function splitPairs(text: string): Infotext["pairs"] {
  const pairs: Infotext["pairs"] = [];
  let isJsonClosed = true;
  let at = 0;
  while (at < text.length) {
    const colon = text.indexOf(":", at);
    if (colon < 0) break;
    // A key begins after the last comma before its colon.
    const before = text.slice(at, colon);
    const key = before.slice(before.lastIndexOf(",") + 1).trim();
    let value: Value | "open" | null = readQuoted(text, colon + 1);
    if (!value && isJsonClosed) {
      value = readJson(text, colon + 1);
      isJsonClosed = value !== "open";
    }
    const { text: content, end } = value && value !== "open" ? value : readPlain(text, colon + 1);
    if (KEY.test(key)) pairs.push([key, content]);
    at = end + 1;
  }
  return pairs;
}

interface Value {
  text: string;
  /** index of what ends it: a comma, a line break, or the length of the text */
  end: number;
}

/** Up to a comma, or to a line that begins with another key. */
function readPlain(text: string, from: number): Value {
  const comma = text.indexOf(",", from);
  const whole = text.slice(from, comma < 0 ? text.length : comma);
  const nextKey = /\n(?=\w[\w \-/]{0,40}:)/.exec(whole);
  const value = nextKey ? whole.slice(0, nextKey.index) : whole;
  return { text: value.trim(), end: from + value.length };
}

/** A JSON string up to a comma or the end of its line, or one that was never escaped, with its line breaks. */
function readQuoted(text: string, from: number): Value | null {
  const start = skipSpaces(text, from);
  if (text[start] !== '"') return null;
  let at = start + 1;
  for (; at < text.length && text[at] !== '"'; at++) if (text[at] === "\\") at++;
  const end = skipSpaces(text, at + 1);
  if (at >= text.length || !isEnd(text[end])) return null;
  const raw = text.slice(start, at + 1);
  try {
    return { text: JSON.parse(raw.replaceAll("\n", "\\n")) as string, end };
  } catch {
    return { text: raw.slice(1, -1), end };
  }
}

/** A list or an object in JSON up to a comma or the end of its line; "open" where no bracket closes it. */
function readJson(text: string, from: number): Value | "open" | null {
  const start = skipSpaces(text, from);
  if (text[start] !== "[" && text[start] !== "{") return null;
  let depth = 0;
  let isQuoted = false;
  for (let at = start; at < text.length; at++) {
    const character = text[at];
    if (isQuoted && character === "\\") at++;
    else if (character === '"') isQuoted = !isQuoted;
    else if (isQuoted) continue;
    else if (character === "[" || character === "{") depth++;
    else if (character === "]" || character === "}") {
      depth--;
      if (depth > 0) continue;
      const end = skipSpaces(text, at + 1);
      return isEnd(text[end]) ? { text: text.slice(start, at + 1), end } : null;
    }
  }
  return "open";
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text[at] === " ") at++;
  return at;
}

function isEnd(character: string | undefined): boolean {
  return character === undefined || character === "," || character === "\n";
}

/** What `parseInfotext` reads back. */
export function writeInfotext({ prompt, negativePrompt, pairs }: Infotext): string {
  const last = pairs.map(([key, value]) => `${key}: ${quote(value)}`).join(", ");
  return [prompt, ...(negativePrompt ? [`${NEGATIVE} ${negativePrompt}`] : []), last].join("\n");
}

function quote(value: string): string {
  return /[,:\n]/.test(value) ? JSON.stringify(value) : value;
}
