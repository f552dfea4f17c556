/** What a model was taught, from its concepts.json: for suggestions, for marks on words that it never saw, and to browse. */

/** The kinds of concepts, in the order in which they are shown. */
export const KINDS = ["objects", "colours", "counts", "sizes", "positions", "scenes", "backgrounds", "styles"] as const;
export type Kind = (typeof KINDS)[number];

export interface Concept {
  kind: Kind;
  name: string;
  /** how it may stand in a prompt; the first one is shown */
  wordings: string[];
}

export interface Concepts {
  examples: string[];
  concepts: Concept[];
  /** every word that occurs in them, in lower case */
  words: ReadonlySet<string>;
}

/** Words that join concepts and mean nothing themselves. */
const JOINING =
  "a an the and or of with to in on at by from for is are both next together beside between behind it its some single front side break text letters word says reading gradient graded".split(
    " ",
  );

const WORD = /[\p{L}\p{M}]+(?:['’-][\p{L}\p{M}]+)*|(?<![\p{L}\d.:])\d+(?![\d.])/gu;

/** @returns null where the file is none of ours */
export function readConcepts(json: unknown): Concepts | null {
  const file = record(json);
  const concepts = KINDS.flatMap((kind) => list(file[kind]).flatMap((entry) => conceptOf(kind, entry)));
  if (concepts.length === 0) return null;
  const examples = texts(file.examples);
  const numbers = list(file.counts).map((entry) => String(record(entry).count));
  const all = [...JOINING, ...numbers, ...examples, ...texts(file.patterns), ...texts(file.words)];
  const known = [...all, ...concepts.flatMap(({ name, wordings }) => [name, ...wordings])];
  const words = known.flatMap((text) => withoutFields(text).match(WORD) ?? []);
  return { examples, concepts, words: new Set(words.map((word) => word.toLowerCase())) };
}

function conceptOf(kind: Kind, entry: unknown): Concept[] {
  if (typeof entry === "string") return [{ kind, name: withoutFields(entry), wordings: [entry] }];
  const { name, plural, synonyms, wordings } = record(entry);
  if (typeof name !== "string") return [];
  const others = list(synonyms).flatMap((one) =>
    typeof one === "string" ? [one] : texts([record(one).name, record(one).plural]),
  );
  return [{ kind, name, wordings: [...new Set([...texts(wordings), name, ...texts([plural]), ...others])] }];
}

/** `{object}, pixel art` -> `pixel art` */
function withoutFields(text: string): string {
  return text
    .replace(/"?\{\w+\}"?/g, " ")
    .replace(/^[\s,]+|[\s,]+$/g, "")
    .replace(/\s+/g, " ");
}

export interface UnknownWord {
  word: string;
  start: number;
  end: number;
}

/** What is in quotation marks, tags and comments, as the engine finds them. */
const NO_WORDS = /"[^"]*"|“[^”]*”|<\w+:[^<>]+>|^[^\S\n]*#.*$|(?<=\s)#(?= ).*$/gm;

/** Words that the model was never taught. What stands in quotation marks is spelled, not understood. */
export function unknownWords({ words }: Concepts, prompt: string): UnknownWord[] {
  const unquoted = prompt.replace(NO_WORDS, (found) => " ".repeat(found.length));
  return [...unquoted.matchAll(WORD)].flatMap((match) => {
    const [word] = match;
    const lower = word.toLowerCase().replace("’", "'");
    const parts = lower.split(/['-]/);
    if (words.has(lower) || (parts.length > 1 && parts.every((part) => words.has(part)))) return [];
    return [{ word, start: match.index, end: match.index + word.length }];
  });
}

const NEAREST = 3;

/** One sentence: that it was never taught the word, and what it knows instead. */
export function explain({ concepts }: Concepts, title: string, word: string): string {
  const objects = concepts.filter(({ kind }) => kind === "objects").map(({ name }) => name);
  const lower = word.toLowerCase();
  const near = objects
    .map((name) => ({ name, distance: editDistance(lower, name) }))
    .filter(({ distance }) => distance <= 2)
    .sort((a, b) => a.distance - b.distance)
    .map(({ name }) => name);
  const alike = objects.filter((name) => name[0] === lower[0]);
  const shown = [...new Set([...near, ...alike, ...objects])].slice(0, NEAREST);
  const rest = objects.length - shown.length;
  return `${title} was never taught “${word}”; it knows ${shown.join(", ")}${rest > 0 ? ` and ${rest} other objects` : ""}.`;
}

/** Letters to change, add or drop (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next.push(Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length];
}

/** A prompt that shows the concept, with the model's first objects where it needs some. */
export function exampleOf({ concepts }: Concepts, { kind, name, wordings }: Concept): string {
  const objects = concepts.filter((one) => one.kind === "objects");
  const first = objects[0]?.name ?? "";
  const second = objects[1]?.name ?? "";
  const wording = wordings[0];
  const filled = wording
    .replace("{object}", withArticle(first))
    .replace("{colour}", "blue")
    .replace("{colour}", "yellow");
  switch (kind) {
    case "objects":
      return withArticle(name);
    case "colours":
    case "sizes":
      return withArticle(`${name} ${first}`);
    case "counts":
      return name === "one" ? `one ${first}` : `${name} ${objects[0]?.wordings[1] ?? first}`;
    case "positions":
      return isRelation(wording)
        ? `${withArticle(first)} ${wording} ${withArticle(second)}`
        : `${withArticle(first)} ${wording}`;
    case "styles":
      return wording.includes("{object}") ? filled : `${withArticle(first)}, ${name}`;
    default:
      return `${withArticle(first)} ${filled}`;
  }
}

/** Between two objects, as "above" and "to the left of" are; "on the left" is a place. */
function isRelation(wording: string): boolean {
  return !/^(in|on|at) the /.test(wording) || wording.endsWith(" of");
}

function withArticle(noun: string): string {
  return `${/^[aeiou](?!ni)/.test(noun) ? "an" : "a"} ${noun}`;
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : {};
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}

function texts(value: unknown): string[] {
  return list(value).filter((one) => typeof one === "string");
}
