/** From a sampler's conditioning back to the texts: by the output slot that each link leaves from. */
import { note } from "../../found";
import { type Graph, type Link, linkOf, type Node } from "./graph";
import { inputOf, textIn } from "./values";

export type Side = "positive" | "negative";

export interface Conditioning {
  /** what stands between the text and the sampler and has no counterpart here */
  notes: string[];
  /** links to the CLIP of the nodes that encode a text; loaders that encode one have their own */
  clips: unknown[];
}

const LABELS = { positive: "prompt", negative: "negative prompt" };
/** What text encoders call their texts; where several are given, the first that is not empty is taken and the others named. */
const TEXTS = "text text_g t5xxl mt5xl bert clip_g text_l clip_l prompt".split(" ");
const INSIDE = ["conditioning", "conditioning_to", "conditioning_1", "conditioning1", "cond"];
const MAX_NODES = 200;

/** Outputs of nodes that pass on both sides, but not as their first two. */
const OUTPUTS: Record<string, readonly string[]> = {
  "Efficient Loader": ["model", "positive", "negative"],
  "KSampler (Efficient)": ["model", "positive", "negative"],
  "KSampler Adv. (Efficient)": ["model", "positive", "negative"],
  ApplyInstantID: ["model", "positive", "negative"],
  FromBasicPipe: ["model", "clip", "vae", "positive", "negative"],
  FromBasicPipe_v2: ["basic_pipe", "model", "clip", "vae", "positive", "negative"],
  "Context (rgthree)": ["context", "model", "clip", "vae", "positive", "negative"],
};

/** The text of a conditioning, empty where there is none. */
export function textOf(graph: Graph, input: unknown, side: Side, found: Conditioning): string {
  let left = MAX_NODES;
  const label = LABELS[side];
  const say = (text: string) => {
    if (!found.notes.includes(text)) found.notes.push(text);
  };

  function at(link: Link | undefined, wanted: Side): string | undefined {
    if (!link || left-- <= 0) return undefined;
    const { node, slot } = link;
    const { inputs, type } = node;
    if (type === "ConditioningZeroOut") {
      say(`${type} (${label})`);
      return "";
    }
    const parts = [
      [inputs.conditioning_to, inputs.conditioning_from],
      [inputs.conditioning_1 ?? inputs.conditioning1, inputs.conditioning_2 ?? inputs.conditioning2],
    ].find((pair) => pair.every(Array.isArray));
    if (parts) return joined(type, parts, wanted);
    const encoded = encodedText(node);
    if (encoded !== undefined) return encoded;
    const own = sideOf(node, slot, wanted);
    const both = inputOf(graph, node, own);
    if (both !== undefined) {
      const text = typeof both === "string" || isText(both) ? textIn(graph, both) : undefined;
      if (text !== undefined) {
        found.clips.push(inputs.clip ?? [node.id, 0]);
        return text;
      }
      if (!/pipe|context|sampler/i.test(type)) say(`${type} (${label})`);
      return at(linkOf(graph, both), own);
    }
    const inside = INSIDE.find((name) => Array.isArray(inputs[name]));
    say(inside && typeof inputs.guidance === "number" ? note(type, inputs.guidance) : `${type} (${label})`);
    return inside === undefined ? undefined : at(linkOf(graph, inputs[inside]), wanted);
  }

  /** Concatenated conditionings are chunks one after the other, as BREAK makes them. */
  function joined(type: string, parts: readonly unknown[], wanted: Side): string | undefined {
    const [first, second] = parts.map((part) => at(linkOf(graph, part), wanted));
    if (first === undefined || second === undefined) return first ?? second;
    if (/concat/i.test(type)) return [first, second].filter((text) => text !== "").join("\nBREAK\n");
    say(note(`${type} (${label}), the second`, second));
    return first;
  }

  function encodedText(node: Node): string | undefined {
    const { inputs, type } = node;
    if (INSIDE.some((name) => Array.isArray(inputs[name])) || inputs.positive !== undefined) return undefined;
    const given = TEXTS.flatMap((name) => {
      const text = textIn(graph, inputs[name]);
      return text === undefined ? [] : [{ name, text }];
    });
    const main = given.find(({ text }) => text !== "") ?? given[0];
    if (!main) return undefined;
    found.clips.push(inputs.clip ?? [node.id, 0]);
    for (const { name, text } of given) if (text !== main.text && text !== "") say(note(`${name} (${label})`, text));
    if (typeof inputs.guidance === "number") say(note(`${type}, guidance`, inputs.guidance));
    for (const name of TEXTS)
      if (Array.isArray(inputs[name]) && isComputed(inputs[name])) say(`${name} (${label}) may have been computed`);
    return main.text;
  }

  /** A link to a node that makes another text of its inputs at each run. */
  function isComputed(input: unknown): boolean {
    const node = linkOf(graph, input)?.node;
    return (
      node !== undefined && /wildcard|random|styler|llm/i.test(node.type) && node.inputs.populated_text === undefined
    );
  }

  /** Whether a link leads to a text, and not to a conditioning. */
  function isText(input: unknown): boolean {
    const node = linkOf(graph, input)?.node;
    return (
      node !== undefined &&
      !Array.isArray(node.inputs.clip) &&
      !/encode|conditioning|controlnet/i.test(node.type) &&
      textIn(graph, input) !== undefined
    );
  }

  const text = at(linkOf(graph, input), side);
  if (text === undefined) say(`${label[0].toUpperCase()}${label.slice(1)}: no text was found`);
  return text ?? "";
}

/** Which side leaves a node at a slot. */
function sideOf({ type, outputs }: Node, slot: number, wanted: Side): Side {
  const name = outputs[slot] ?? OUTPUTS[type]?.[slot] ?? ["positive", "negative"][slot] ?? "";
  if (/neg|-$/.test(name)) return "negative";
  return /pos|\+$/.test(name) ? "positive" : wanted;
}
