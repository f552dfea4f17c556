import { describe, expect, it } from "vitest";
import { countAlternatives, expandAlternatives, longestAlternative } from "./alternatives";

describe("alternatives", () => {
  it.each<[string, string[]]>([
    ["a cat", ["a cat"]],
    ["", [""]],
    ["a {red|blue} cat", ["a red cat", "a blue cat"]],
    ["{a|b} {c|d}", ["a c", "a d", "b c", "b d"]],
    ["{a|{b|c} d}", ["a", "b d", "c d"]],
    ["{a|}x", ["ax", "x"]],
    ["{|}", ["", ""]],
    ["[{a|b}:c:0.5]", ["[a:c:0.5]", "[b:c:0.5]"]],
  ])("%j", (prompt, expected) => {
    expect(expandAlternatives(prompt)).toEqual(expected);
    expect(countAlternatives(prompt)).toBe(expected.length);
  });

  it.each(["{a}", "{", "}", "a|b", "{a|b", "a|b}", "{}", "\\{a|b\\}", "[a|b]", "\\"])(
    "leaves %j as it is",
    (prompt) => {
      expect(expandAlternatives(prompt)).toEqual([prompt]);
    },
  );

  it("keeps escaped separators within an alternative", () => {
    expect(expandAlternatives("{a\\|b|c}")).toEqual(["a\\|b", "c"]);
  });

  it("counts what would fill the memory, without making it", () => {
    expect(countAlternatives("{a|b}".repeat(40))).toBe(2 ** 40);
    expect(longestAlternative(`${"{a|bb}".repeat(40)}`)).toBe("bb".repeat(40));
  });

  it("reads braces that are nested without end as text", () => {
    const prompt = `${"{a|".repeat(20_000)}b`;
    expect(expandAlternatives(prompt)).toEqual([prompt]);
    expect(countAlternatives(`${prompt}${"}".repeat(20_000)}`)).toBeGreaterThan(1);
  });
});
