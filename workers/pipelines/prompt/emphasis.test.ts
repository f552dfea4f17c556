import { describe, expect, test } from "vitest";
import { torchGenerator } from "../../diffusion/random.ts";
import { parseEmphasis } from "./emphasis.ts";
import { promptAtSteps } from "./schedule.ts";

const read = (prompt: string) =>
  parseEmphasis(prompt).map((section) => section.map((part) => [part.text, part.weight]));

describe("what AUTOMATIC1111 documents", () => {
  test.each<[string, [string, number][]]>([
    ["normal text", [["normal text", 1]]],
    ["", [["", 1]]],
    [
      "an (important) word",
      [
        ["an ", 1],
        ["important", 1.1],
        [" word", 1],
      ],
    ],
    ["(unbalanced", [["unbalanced", 1.1]]],
    ["[unbalanced", [["unbalanced", 1 / 1.1]]],
    ["\\(literal\\]", [["(literal]", 1]]],
    ["a\\\\b", [["a\\b", 1]]],
    ["a\\b", [["ab", 1]]],
    ["(unnecessary)(parens)", [["unnecessaryparens", 1.1]]],
    [
      "a (((house:1.3)) [on] a (hill:0.5), sun, (((sky))).",
      [
        ["a ", 1],
        ["house", 1.5730000000000004],
        [" ", 1.1],
        ["on", 1],
        [" a ", 1.1],
        ["hill", 0.55],
        [", sun, ", 1.1],
        ["sky", 1.4641000000000006],
        [".", 1.1],
      ],
    ],
    ["(word:1.2)", [["word", 1.2]]],
    ["(word: 1.2 )", [["word", 1.2]]],
    ["(word:.5)", [["word", 0.5]]],
    ["(word:0)", [["word", 0]]],
    ["(word:-1)", [["word", -1]]],
    ["(two words:2.)", [["two words", 2]]],
    ["((nested:1.5):2)", [["nested", 3]]],
    ["(\\(a\\):1.5)", [["(a)", 1.5]]],
  ])("%j", (prompt, parts) => expect(read(prompt)).toEqual([parts]));
});

describe("malformed brackets are text, or weigh to the end", () => {
  test.each<[string, [string, number][]]>([
    [")", [[")", 1]]],
    ["]", [["]", 1]]],
    ["a) b", [["a) b", 1]]],
    ["word:1.2)", [["word:1.2)", 1]]],
    ["(word:1.2.3)", [["word:1.2.3", 1.1]]],
    ["(word:)", [["word:", 1.1]]],
    ["(word:x)", [["word:x", 1.1]]],
    ["a: b, c:d", [["a: b, c:d", 1]]],
    ["()", [["", 1]]],
    ["(a]b)", [["a]b", 1.1]]],
    ["\\", [["", 1]]],
    ["(:1.5)", [["", 1]]],
  ])("%j", (prompt, parts) => expect(read(prompt)).toEqual([parts]));
});

describe("BREAK", () => {
  test("parts sections, takes the space around it along, and keeps weights", () => {
    expect(read("a BREAK b")).toEqual([[["a", 1]], [["b", 1]]]);
    expect(read("(a BREAK b:1.5) c")).toEqual([
      [["a", 1.5]],
      [
        ["b", 1.5],
        [" c", 1],
      ],
    ]);
    expect(read("BREAK a BREAK")).toEqual([[["", 1]], [["a", 1]], [["", 1]]]);
  });

  test("is a word of its own, in capitals", () => {
    expect(read("BREAKFAST, a break")).toEqual([[["BREAKFAST, a break", 1]]]);
  });
});

test("6,000 prompts of random pieces: no character is made up, every weight is a number, nothing throws", () => {
  const pieces = [
    "(",
    ")",
    "[",
    "]",
    ":",
    "|",
    "\\",
    "1.2",
    "0.5",
    ".",
    "-3",
    " ",
    "a",
    "word",
    "BREAK",
    "é",
    "😀",
    "{",
    "\n",
  ];
  const random = torchGenerator(11);
  for (let round = 0; round < 6000; round++) {
    const draw = random.normal(24);
    const length = Math.min(24, 1 + Math.floor(Math.abs(draw[0]) * 10));
    const prompt = Array.from(
      draw.subarray(0, length),
      (value) => pieces[Math.floor(Math.abs(value) * 1e4) % pieces.length],
    ).join("");
    const steps = 1 + (round % 7);
    const texts = promptAtSteps(prompt, steps);
    expect(texts).toHaveLength(steps);
    for (const text of new Set(texts)) {
      expect(isSubsequence(text, prompt), JSON.stringify(prompt)).toBe(true);
      const sections = parseEmphasis(text);
      expect(sections.every((section) => section.length > 0)).toBe(true);
      expect(sections.flat().every(({ weight }) => Number.isFinite(weight))).toBe(true);
      const left = sections
        .flat()
        .map((part) => part.text)
        .join("");
      expect(isSubsequence(left, text), JSON.stringify(text)).toBe(true);
      // without syntax it is the text itself
      if (!/[\\()[\]]|BREAK/.test(text)) expect(sections).toEqual([[{ text, weight: 1 }]]);
    }
  }
});

/** Whether all of the text's characters occur in the whole, in this order. */
function isSubsequence(text: string, whole: string): boolean {
  let at = 0;
  for (const character of text) {
    at = whole.indexOf(character, at) + 1;
    if (at === 0) return false;
  }
  return true;
}
