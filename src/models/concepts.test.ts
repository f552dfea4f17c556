import { describe, expect, it } from "vitest";
import file from "../../public/models/safelight/concepts.json";
import { suggest, take } from "../prompt/suggestions";
import { type Concepts, exampleOf, explain, KINDS, readConcepts, unknownWords } from "./concepts";

const concepts = readConcepts(file) as Concepts;
const unknown = (prompt: string) => unknownWords(concepts, prompt).map(({ word }) => word);
const suggested = (prompt: string, caret = prompt.length) =>
  suggest(concepts, prompt, caret).items.map(({ text }) => text);

describe("concepts.json", () => {
  it("is read into every kind", () => {
    expect(new Set(concepts.concepts.map(({ kind }) => kind))).toEqual(new Set(KINDS));
    expect(concepts.concepts.filter(({ kind }) => kind === "objects").length).toBeGreaterThanOrEqual(250);
  });

  it.each([null, [], "x", 3, {}, { objects: 5 }, { objects: [null, 3, { plural: "x" }] }])("%j is none", (json) => {
    expect(readConcepts(json)).toBeNull();
  });

  it("shows each concept in a prompt of words that the model was taught", () => {
    for (const concept of concepts.concepts) expect(unknown(exampleOf(concepts, concept))).toEqual([]);
    const example = (name: string) => {
      const found = concepts.concepts.find((one) => one.name === name);
      return found && exampleOf(concepts, found);
    };
    expect(example("unicorn")).toBe("a unicorn");
    expect(example("owl")).toBe("an owl");
    expect(example("three")).toBe("three cats");
    expect(example("left of")).toBe("a cat to the left of a dog");
    expect(example("on the left")).toBe("a cat on the left");
    expect(example("pixel art")).toBe("a cat, pixel art");
    expect(example("beach")).toBe("a cat on the beach");
  });
});

describe("words that were never taught", () => {
  it("are found where they stand", () => {
    expect(unknownWords(concepts, "a red xylophone, and a cat")).toEqual([{ word: "xylophone", start: 6, end: 15 }]);
    expect(unknown("seven cats")).toEqual(["seven"]);
    expect(unknown("7 cats and 3 dogs")).toEqual(["7"]);
  });

  it.each([
    "",
    ...concepts.examples,
    "Two PUPPIES next to a T-Rex",
    'the word "XYLO" in red',
    "(a cat:1.3) and [a dog:a fox:0.4], {red|blue} BREAK a star",
    "a grey cat in the woods",
    "# xylophone\na cat <lora:xylophone:0.8> # xylophone",
  ])("%j has none", (prompt) => expect(unknown(prompt)).toEqual([]));

  it("are explained with what is near", () => {
    expect(explain(concepts, "Safelight 1", "tigre")).toMatch(
      /^Safelight 1 was never taught “tigre”; it knows tiger, /,
    );
    expect(explain(concepts, "Safelight 1", "xylophone")).toMatch(/it knows .+ and \d+ other objects\.$/);
  });
});

describe("suggestions", () => {
  it("continue the word at the caret", () => {
    expect(suggested("a red el")).toContain("elephant");
    expect(suggested("pu")).toContain("purple");
    expect(suggested("a cat in the be")).toEqual(expect.arrayContaining(["bear"]));
    expect(suggested("a house, pix")).toEqual(["pixel art"]);
  });

  it("continue a phrase of several words, and offer what has the word in its middle", () => {
    expect(suggested("a fox to the le")).toEqual(["to the left of"]);
    expect(suggested("gra")).toContain("bunch of grapes");
  });

  it("are none for a letter, within a word, for a complete word that nothing continues, or for nothing", () => {
    expect(suggested("a c")).toEqual([]);
    expect(suggested("elephant", 3)).toEqual([]);
    expect(suggested("elephants")).toEqual([]);
    expect(suggested("zzz")).toEqual([]);
    expect(suggested("")).toEqual([]);
    expect(suggested("a cat ")).toEqual([]);
  });

  it("are taken in place of what was typed", () => {
    const prompt = "a red ele and a dog";
    expect(take(prompt, suggest(concepts, prompt, 9), "elephant")).toEqual({
      prompt: "a red elephant and a dog",
      caret: 15,
    });
    expect(take("ele", suggest(concepts, "ele", 3), "elephant")).toEqual({ prompt: "elephant ", caret: 9 });
  });
});
