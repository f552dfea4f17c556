import { expect, it } from "vitest";
import { info } from "../testing/model-info";
import { differences } from "./differences";

const samplers = [
  { id: "euler", label: "Euler" },
  { id: "ddim", label: "DDIM" },
];
const settings = { ...info.defaults, prompt: "a cat", seed: 7 };

it("names what differs, and nothing else", () => {
  expect(differences(settings, { ...settings }, samplers)).toEqual([]);
  expect(differences(settings, { ...settings, seed: 8, prompt: "", guidanceRescale: 0.5 }, samplers)).toEqual([
    { label: "Prompt", a: "a cat", b: "none" },
    { label: "Guidance rescale", a: "none", b: "0.5" },
    { label: "Seed", a: "7", b: "8" },
  ]);
});

it("calls samplers by their names", () => {
  expect(differences({ ...settings, sampler: "euler" }, { ...settings, sampler: "ddim" }, samplers)).toEqual([
    { label: "Sampler", a: "Euler", b: "DDIM" },
  ]);
});

it("reads settings that are objects, and leaves out what a branch notes for itself", () => {
  const takeover = { step: 2, levels: "euler" };
  const guidanceInterval: [number, number] = [0, 0.5];
  expect(differences(settings, { ...settings, takeover, guidanceInterval }, samplers)).toEqual([
    { label: "Guidance interval", a: "none", b: "0 to 0.5" },
  ]);
  const variation = { seed: 5, strength: 0.2 };
  const highResolution = { scale: 2, steps: 10, strength: 0.5 };
  expect(differences(settings, { ...settings, variation, highResolution }, samplers)).toEqual([
    { label: "Variation", a: "none", b: "seed 5, strength 0.2" },
    { label: "Second pass", a: "none", b: "2×, 10 steps, strength 0.5" },
  ]);
});
