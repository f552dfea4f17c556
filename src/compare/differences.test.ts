import { expect, it } from "vitest";
import { info } from "../testing/model-info";
import { differences } from "./differences";

const settings = { ...info.defaults, prompt: "a cat", seed: 7 };

it("names what differs, and nothing else", () => {
  expect(differences(settings, { ...settings })).toEqual([]);
  expect(differences(settings, { ...settings, seed: 8, prompt: "", guidanceRescale: 0.5 })).toEqual([
    { label: "Prompt", a: "a cat", b: "none" },
    { label: "Seed", a: "7", b: "8" },
    { label: "Guidance rescale", a: "none", b: "0.5" },
  ]);
});

it("reads settings that are objects, and leaves out what a branch notes for itself", () => {
  const takeover = { step: 2, levels: "euler" };
  expect(differences(settings, { ...settings, takeover, guidanceInterval: [0, 0.5] })).toEqual([
    { label: "Guidance interval", a: "none", b: "[0,0.5]" },
  ]);
});
