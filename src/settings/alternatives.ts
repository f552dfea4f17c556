/** `{a|b|c}` in a prompt: one picture for each alternative. Nested ones multiply; `\{`, `\|` and `\}` are characters. */

/** Text, or alternatives of sequences. */
type Node = string | readonly (readonly Node[])[];

interface Open {
  readonly alternatives: Node[][];
}

/** How many prompts it stands for; may be as large as a number gets. */
export function countAlternatives(prompt: string): number {
  return countOf(parse(prompt));
}

/**
 * Every prompt that it stands for, the last alternatives changing fastest. Braces without an alternative are text.
 * Ask `countAlternatives` first: a short prompt may stand for millions.
 */
export function expandAlternatives(prompt: string): string[] {
  return expand(parse(prompt));
}

/** The longest of the prompts that it stands for. */
export function longestAlternative(prompt: string): string {
  return longest(parse(prompt));
}

function longest(nodes: readonly Node[]): string {
  const choose = (node: Node): string =>
    typeof node === "string" ? node : node.map(longest).reduce((most, one) => (one.length > most.length ? one : most));
  return nodes.map(choose).join("");
}

function expand(nodes: readonly Node[]): string[] {
  return nodes.reduce<string[]>(
    (texts, node) => {
      const choices = typeof node === "string" ? [node] : node.flatMap(expand);
      return texts.flatMap((text) => choices.map((choice) => text + choice));
    },
    [""],
  );
}

function countOf(nodes: readonly Node[]): number {
  return nodes.reduce(
    (product, node) =>
      typeof node === "string" ? product : product * node.reduce((sum, one) => sum + countOf(one), 0),
    1,
  );
}

/** Deeper than anybody nests, and less than the call stack is high: further braces are text. */
const DEEPEST = 50;

function parse(prompt: string): Node[] {
  const root: Node[] = [];
  const open: Open[] = [];
  const add = (node: Node) => (open.at(-1)?.alternatives.at(-1) ?? root).push(node);
  for (const [token] of prompt.matchAll(/\\.|[^\\{|}]+|[\\{|}]/gsu)) {
    const top = open.at(-1);
    if (token === "{" && open.length < DEEPEST) open.push({ alternatives: [[]] });
    else if (token === "|" && top) top.alternatives.push([]);
    else if (token === "}" && top) {
      open.pop();
      if (top.alternatives.length > 1) add(top.alternatives);
      else for (const node of ["{", ...top.alternatives[0], "}"]) add(node);
    } else add(token);
  }
  for (const { alternatives } of open) {
    for (const [i, nodes] of alternatives.entries()) {
      root.push(i === 0 ? "{" : "|", ...nodes);
    }
  }
  return root;
}
