import { describe, expect, test } from "vitest";
import { promptAtSteps } from "./schedule.ts";

/** Runs of the same text, as [last step that reads it, text]: the way in which AUTOMATIC1111's own examples are written. */
function stages(prompt: string, steps = 10): [number, string][] {
  const texts = promptAtSteps(prompt, steps);
  expect(texts).toHaveLength(steps);
  return texts.flatMap((text, i): [number, string][] => (text === texts[i + 1] ? [] : [[i + 1, text]]));
}

describe("what AUTOMATIC1111 documents", () => {
  test.each<[string, [number, string][]]>([
    ["test", [[10, "test"]]],
    ["", [[10, ""]]],
    [
      "a [b:3]",
      [
        [3, "a "],
        [10, "a b"],
      ],
    ],
    [
      "a [b: 3]",
      [
        [3, "a "],
        [10, "a b"],
      ],
    ],
    [
      "a [b:3 ]",
      [
        [3, "a "],
        [10, "a b"],
      ],
    ],
    [
      "a [[[b]]:2]",
      [
        [2, "a "],
        [10, "a [[b]]"],
      ],
    ],
    [
      "[(a:2):3]",
      [
        [3, ""],
        [10, "(a:2)"],
      ],
    ],
    [
      "a [b : c : 1] d",
      [
        [1, "a b  d"],
        [10, "a  c  d"],
      ],
    ],
    [
      "a[b:[c:d:2]:1]e",
      [
        [1, "abe"],
        [2, "ace"],
        [10, "ade"],
      ],
    ],
    ["a [unbalanced", [[10, "a [unbalanced"]]],
    [
      "a [b:.5] c",
      [
        [5, "a  c"],
        [10, "a b c"],
      ],
    ],
    ["a [{b|d{:.5] c", [[10, "a [{b|d{:.5] c"]]],
    [
      "((a][:b:c [d:3]",
      [
        [3, "((a][:b:c "],
        [10, "((a][:b:c d"],
      ],
    ],
    [
      "[a::4]",
      [
        [4, "a"],
        [10, ""],
      ],
    ],
    [
      "[a:b:0.4]",
      [
        [4, "a"],
        [10, "b"],
      ],
    ],
    ["[a:b:1.0]", [[10, "a"]]],
    [
      "[a:b:1]",
      [
        [1, "a"],
        [10, "b"],
      ],
    ],
    ["[a:b:0]", [[10, "b"]]],
    ["[a:b:-1]", [[10, "b"]]],
    ["[a:b:25]", [[10, "a"]]],
    ["[:2]", [[10, ""]]],
  ])("%j", (prompt, expected) => expect(stages(prompt)).toEqual(expected));

  test("its long example, over 100 steps", () => {
    const prompt =
      "fantasy landscape with a [mountain:lake:0.25] and [an oak:a christmas tree:0.75][ in foreground::0.6][ in background:0.25] [shoddy:masterful:0.5]";
    expect(stages(prompt, 100)).toEqual([
      [25, "fantasy landscape with a mountain and an oak in foreground shoddy"],
      [50, "fantasy landscape with a lake and an oak in foreground in background shoddy"],
      [60, "fantasy landscape with a lake and an oak in foreground in background masterful"],
      [75, "fantasy landscape with a lake and an oak in background masterful"],
      [100, "fantasy landscape with a lake and a christmas tree in background masterful"],
    ]);
  });

  test("alternation changes at every step, and may hold weights, schedules and nothing", () => {
    expect(promptAtSteps("[a|(b:1.1)]", 5)).toEqual(["a", "(b:1.1)", "a", "(b:1.1)", "a"]);
    expect(promptAtSteps("x[a|b|c]", 4)).toEqual(["xa", "xb", "xc", "xa"]);
    expect(promptAtSteps("[a|]", 3)).toEqual(["a", "", "a"]);
    expect(promptAtSteps("[a|[b:c:2]]", 4)).toEqual(["a", "b", "a", "c"]);
    expect(promptAtSteps("[[a|b]:c:2]", 4)).toEqual(["a", "b", "c", "c"]);
  });
});

describe("what is no schedule stays as it is", () => {
  test.each([
    "(a:1.2)",
    "[a]",
    "[a:b]",
    "[a:b:c:2]",
    "[a:b|c:2]",
    "[a:b:]",
    "[a:b:x]",
    "[a:b:1e2]",
    "[a:b:0.4",
    "a:b:0.4]",
    "]][[",
    "(a]:b:2)",
    "a | b : c",
    "\\[a:b:2\\]",
    "[a\\:b:x]",
    "\\",
    "[(a:b:2]",
  ])("%j", (prompt) => expect(stages(prompt)).toEqual([[10, prompt]]));

  test("an escaped separator is text within a schedule", () => {
    expect(stages("[a\\:b:c:2]")).toEqual([
      [2, "a\\:b"],
      [10, "c"],
    ]);
    expect(stages("[(a:1.2):[b]:2]")).toEqual([
      [2, "(a:1.2)"],
      [10, "[b]"],
    ]);
  });

  test("a hundred thousand open brackets are read without end to the call stack", () => {
    const deep = 100_000;
    expect(promptAtSteps(`${"[".repeat(deep)}a${"]".repeat(deep)}`, 1)[0]).toHaveLength(2 * deep + 1);
    expect(promptAtSteps("[(".repeat(deep), 1)[0]).toHaveLength(2 * deep);
  });
});
