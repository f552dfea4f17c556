import { describe, expect, it } from "vitest";
import { gradesOf, withoutFrontMatter } from "./card";

describe("report.json", () => {
  it("gives the share of each kind, in words", () => {
    expect(gradesOf({ kinds: { one_object: 0.97, new_kind: 0.5 }, twin_mean_gap: 0.1 })).toEqual([
      { name: "One object", share: 0.97 },
      { name: "new_kind", share: 0.5 },
    ]);
  });

  it.each([undefined, null, 3, {}, { kinds: null }, { kinds: { counting: "x", words: 2, position: null } }])(
    "%j gives nothing",
    (report) => expect(gradesOf(report)).toEqual([]),
  );
});

it.each(["\n", "\r\n", "\r"])("a card begins behind its front matter, lines ending in %j", (end) => {
  expect(withoutFrontMatter(["---", "license: mit", "---", "# A model"].join(end))).toBe("# A model");
});
