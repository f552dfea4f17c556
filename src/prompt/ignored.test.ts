import { expect, it } from "vitest";
import { ignoredSentences } from "./ignored";

const loras = { kept: ["Ink.safetensors", "oil.safetensors"], loaded: [{ name: "oil.safetensors", scale: 0.5 }] };

it.each([
  ["<lora:ink:0.8>", "<lora:ink:0.8> is ignored. Switch ink on under Models."],
  ["<lyco:oil>", "<lyco:oil> is ignored. oil is loaded at 0.5."],
  ["<lora:new:1>", "<lora:new:1> is ignored. Add new under Models."],
  ["<hypernet:anime:0.6>", "<hypernet:anime:0.6> is ignored. Hypernetworks are not supported."],
  ["<segment:eye>", "<segment:eye> is ignored."],
  ["# light", "“# light” is ignored as a comment."],
  ["AND", "AND is read as a comma."],
])("%s", (ignored, sentence) => {
  expect(ignoredSentences([ignored, ignored], loras)).toEqual([sentence]);
});

it("are few", () => {
  const many = Array.from({ length: 9 }, (_, i) => `<x:${i}>`);
  expect(ignoredSentences(many, loras)).toHaveLength(5);
  expect(ignoredSentences(many, loras)[4]).toBe("5 more are ignored.");
});
