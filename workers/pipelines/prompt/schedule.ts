/**
 * Prompts that change on the way, with AUTOMATIC1111's semantics (its wiki: "Prompt editing", "Alternating words"):
 * `[from:to:when]`, `[to:when]`, `[from::when]` and `[a|b|...]`, nested as one likes. All else, malformed brackets too, is text.
 */

/** Text, a pair of brackets that means nothing here with what it holds, or one that changes. */
type Node = string | readonly Node[] | Switch | Alternation;

interface Switch {
  readonly from: readonly Node[];
  readonly to: readonly Node[];
  /** the number of steps that read `from`, of so many steps */
  readonly until: (steps: number) => number;
}

interface Alternation {
  readonly parts: readonly (readonly Node[])[];
}

/** A bracket that is still open: its parts so far, and the separators between them. */
interface Open {
  readonly bracket: string;
  readonly parts: Node[][];
  readonly separators: string[];
}

const NUMBER = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)\s*$/;
const CLOSES: Record<string, string> = { ")": "(", "]": "[" };

/** @returns the text that is read at each of the steps */
export function promptAtSteps(prompt: string, steps: number): string[] {
  const nodes = parse(prompt);
  return Array.from({ length: steps }, (_, step) => textAt(nodes, step, steps));
}

function textAt(nodes: readonly Node[], step: number, steps: number): string {
  const chosen = (node: Exclude<Node, string>): readonly Node[] => {
    if (isSequence(node)) return node;
    if ("parts" in node) return node.parts[step % node.parts.length];
    return step < node.until(steps) ? node.from : node.to;
  };
  let text = "";
  // not recursive: brackets may be nested deeper than the call stack is high
  const todo: Node[] = nodes.toReversed();
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    if (typeof node === "string") text += node;
    else for (const inner of chosen(node).toReversed()) todo.push(inner);
  }
  return text;
}

function isSequence(node: Node): node is readonly Node[] {
  return Array.isArray(node);
}

function parse(prompt: string): Node[] {
  const root: Node[] = [];
  const open: Open[] = [];
  const add = (node: Node) => (open.at(-1)?.parts.at(-1) ?? root).push(node);
  for (const [token] of prompt.matchAll(/\\.|[^\\[\]():|]+|[\\[\]():|]/gsu)) {
    const top = open.at(-1);
    if (token === "(" || token === "[") {
      open.push({ bracket: token, parts: [[]], separators: [] });
    } else if (token === ")" || token === "]") {
      const node = top?.bracket === CLOSES[token] ? closed(top) : undefined;
      if (node) {
        open.pop();
        add(node);
      } else {
        // not balanced: none of the brackets around it is one
        spill(open, root);
        add(token);
      }
    } else if (top?.bracket === "[" && (token === ":" || token === "|")) {
      top.parts.push([]);
      top.separators.push(token);
    } else add(token);
  }
  spill(open, root);
  return root;
}

/** What a bracket at its end turns out to be; undefined where it is none that means something. */
function closed({ bracket, parts, separators }: Open): Node | undefined {
  const last = parts[parts.length - 1];
  if (bracket === "(") return ["(", last, ")"];
  if (separators.length === 0) return ["[", last, "]"];
  if (separators.every((separator) => separator === "|")) return { parts };
  const number = last.every((node) => typeof node === "string") ? last.join("") : "";
  if (separators.length > 2 || separators.includes("|") || !NUMBER.test(number)) return undefined;
  const [from, to] = separators.length === 1 ? [[], parts[0]] : parts;
  return { from, to, until: (steps) => switchStep(number, steps) };
}

/** A number with a point is a share of the steps, a whole number counts them. */
function switchStep(number: string, steps: number): number {
  const value = Number(number);
  return Math.min(steps, Math.trunc(number.includes(".") ? value * steps : value));
}

/** Brackets that were never closed are text. */
function spill(open: Open[], root: Node[]): void {
  for (const { bracket, parts, separators } of open.splice(0)) {
    root.push(bracket);
    for (const [i, part] of parts.entries()) {
      if (i > 0) root.push(separators[i - 1]);
      root.push(part);
    }
  }
}
