import { describe, expect, test } from "vitest";
import { separateTags } from "./tags.ts";

describe("what AUTOMATIC1111 takes out of a prompt", () => {
  test.each<[string, string, string[]]>([
    ["a cat", "a cat", []],
    ["", "", []],
    ["a cat <lora:ink:0.8>, sitting", "a cat, sitting", ["<lora:ink:0.8>"]],
    ["<lyco:a:te=0.3:unet=-1><hypernet:b:1>a cat", "a cat", ["<lyco:a:te=0.3:unet=-1>", "<hypernet:b:1>"]],
    ["[<lora:ink:1>:a cat:0.5]", "[:a cat:0.5]", ["<lora:ink:1>"]],
    // what only looks like one
    ["a <3 cat, <cat-toy>, 1 < 2: > 0", "a <3 cat, <cat-toy>, 1 < 2: > 0", []],
    ["# light\na cat\n  # more\nsitting", "a cat\nsitting", ["# light", "# more"]],
    ["a cat # the best\non a hill", "a cat \non a hill", ["# the best"]],
    ["#only", "", ["#only"]],
    ["robot #5, C# code, #", "robot #5, C# code, #", []],
    ["\\#1 fan", "#1 fan", []],
    ["# <lora:ink:1>\na cat", "a cat", ["# <lora:ink:1>"]],
    ["a cat AND a dog", "a cat, a dog", ["AND"]],
    ["a cat :1.2 AND a dog: 0.8 AND\n(a hill:1.3)", "a cat, a dog, (a hill:1.3)", ["AND"]],
    ["AND a cat", "a cat", ["AND"]],
    ["A CAT AND A DOG", "A CAT AND A DOG", []],
    ['a sign "ROCK AND ROLL"', 'a sign "ROCK AND ROLL"', []],
    ["a band, ANDROID, sand", "a band, ANDROID, sand", []],
    ["at 12:30", "at 12:30", []],
  ])("%j", (prompt, text, ignored) => {
    expect(separateTags(prompt)).toEqual({ text, ignored });
  });

  test("long prompts at once", () => {
    for (const part of ["<lora:", "<a:b>", " #", "# ", "\n#", "AND ", " ", ":1 AND ", '"AND', "<"])
      expect(separateTags(`a${part.repeat(20_000)}`).text.length).toBeLessThan(200_000);
  });
});
