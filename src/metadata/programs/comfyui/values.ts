/** Values in a graph, wherever they were typed. */
import { type Graph, linkOf, type Node } from "./graph";

const MAX_LINKS = 100;
/** What nodes that hold one value call it. What a wildcard became is before what it was. */
const VALUES = "populated_text value text string prompt seed noise_seed int float number".split(" ");

/** A widget's value, or that of the node that it is linked to. Undefined where a node computes it. */
export function valueIn(graph: Graph, input: unknown, name = ""): unknown {
  let value = input;
  for (let i = 0; i < MAX_LINKS; i++) {
    const link = linkOf(graph, value);
    if (!link) return Array.isArray(value) ? undefined : value;
    const { inputs, outputs } = link.node;
    const key = [name, outputs[link.slot] ?? "", ...VALUES].find((one) => inputs[one] !== undefined);
    value = key === undefined ? undefined : inputs[key];
  }
  return undefined;
}

export function numberIn(graph: Graph, input: unknown, name = ""): number | undefined {
  const value = valueIn(graph, input, name);
  return typeof value === "number" ? value : undefined;
}

const JOINED = /^(?:string|text)_?[a-h1-8]$/;

/** A text, joined where nodes join several. Undefined where there is none, or a node computes it. */
export function textIn(graph: Graph, input: unknown, budget = { nodes: MAX_LINKS }): string | undefined {
  if (typeof input === "string") return input;
  const link = linkOf(graph, input);
  if (!link || budget.nodes-- <= 0) return undefined;
  const { inputs } = link.node;
  const keys = Object.keys(inputs)
    .filter((key) => JOINED.test(key))
    .sort();
  if (keys.length > 1 && inputs.text === undefined) {
    const { delimiter = "" } = inputs;
    const parts = keys.flatMap((key) => textIn(graph, inputs[key], budget) ?? []);
    return parts.filter((part) => part !== "").join(String(delimiter).replaceAll("\\n", "\n"));
  }
  const key = VALUES.find((one) => inputs[one] !== undefined);
  return key === undefined ? undefined : textIn(graph, inputs[key], budget);
}

/** Nodes that hand on several things at once: what they are called among the inputs of who takes them. */
const PIPES = "pipe basic_pipe context ctx base_ctx sdxl_tuple".split(" ");

/** An input, or what the pipe that the node takes has of this name. */
export function inputOf(graph: Graph, node: Node, name: string): unknown {
  let from: Node | undefined = node;
  for (let i = 0; from && i < MAX_LINKS; i++) {
    const { inputs }: Node = from;
    if (inputs[name] !== undefined) return inputs[name];
    const pipe: string | undefined = PIPES.find((one) => Array.isArray(inputs[one]));
    from = pipe === undefined ? undefined : linkOf(graph, inputs[pipe])?.node;
  }
  return undefined;
}
