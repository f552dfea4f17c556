import { describe, expect, it, vi } from "vitest";
import type { GenerateRequest, GenerateResult, Output, Picture } from "../../workers/protocol";
import { EngineError } from "../engine/client";
import { createQueue } from "../runs/queue";
import type { NewRun } from "../runs/run";
import { info } from "../testing/model-info";
import { type Axis, readAxis } from "./axes";
import { cornerOf, fitInto, gridLayout } from "./grid-layout";
import { type Axes, combinations, createPlots, hasErrors, kindsFor, readAxes, runsOf } from "./plot";
import { readNumbers, splitAll, splitValues } from "./values";

const base: NewRun = {
  settings: { ...info.defaults, prompt: "a red apple, red", negativePrompt: "red wall", seed: 7 },
};
const none: Axis = { kind: "", text: "" };
const axis = (kind: string, text: string): Axis => ({ kind, text });

describe("lists of values", () => {
  it.each([
    ["1, 2,3", ["1", "2", "3"]],
    [' a cat , "a dog, running" ,, "say ""hi""" ', ["a cat", "a dog, running", 'say "hi"']],
    ["one\ntwo", ["one", "two"]],
    ["  ", []],
  ])("%j", (text, values) => {
    expect(splitValues(text)).toEqual(values);
  });

  it.each([
    ["a,", ["a", ""]],
    ['a, "", b,,c', ["a", "", "b", "", "c"]],
    ["a, b\n", ["a", "b"]],
    [", a", ["", "a"]],
    [" \n", []],
  ])("%j, with the empty ones", (text, values) => {
    expect(splitAll(text)).toEqual(values);
  });

  it("says that a quote is not closed", () => {
    expect(() => splitValues('"open, a')).toThrow(/quote is not closed/);
  });

  // The examples of AUTOMATIC1111's wiki, X/Y/Z plot
  it.each<[string, boolean, number[]]>([
    ["1-5", true, [1, 2, 3, 4, 5]],
    ["1-5 (+2)", true, [1, 3, 5]],
    ["10-5 (-3)", true, [10, 7]],
    ["1-3 (+0.5)", false, [1, 1.5, 2, 2.5, 3]],
    ["1-10 [5]", true, [1, 3, 5, 7, 10]],
    ["0.0-1.0 [6]", false, [0, 0.2, 0.4, 0.6, 0.8, 1]],
    ["1-9 (+2), 20", true, [1, 3, 5, 7, 9, 20]],
    ["5-1", true, [5, 4, 3, 2, 1]],
    ["-2-2", false, [-2, -1, 0, 1, 2]],
    ["0-0.3 (+0.1)", false, [0, 0.1, 0.2, 0.3]],
    ["7", true, [7]],
  ])("%s", (text, whole, numbers) => {
    expect(readNumbers(text, whole)).toEqual(numbers);
  });

  it.each([
    ["a", /^"a" is not a number or a range/],
    ["1-", /^"1-" is not a number/],
    ["1-5 (0)", /step of 0/],
    ["1-5 (-1)", /goes the other way/],
    ["0-1 [0]", /asks for 0 values/],
    ["1-1e9", /is not a number/],
    ["1-1000000", /1000000 values; 1000 is the most/],
  ])("%s is refused", (text, message) => {
    expect(() => readNumbers(text, true)).toThrow(message);
  });
});

describe("axes", () => {
  const settingsOf = (one: Axis) => readAxis(one, base, info).map(({ apply }) => apply(base).settings);

  it("vary one setting each, and leave all others", () => {
    expect(settingsOf(axis("steps", "4, 8"))).toEqual([4, 8].map((steps) => ({ ...base.settings, steps })));
    expect(settingsOf(axis("sampler", "DDIM, euler")).map(({ sampler }) => sampler)).toEqual(["ddim", "euler"]);
    expect(settingsOf(axis("size", "64x128, 256 X 64")).map(({ width, height }) => [width, height])).toEqual([
      [64, 128],
      [256, 64],
    ]);
  });

  it("vary either end of the guidance interval", () => {
    const late = { settings: { ...base.settings, guidanceInterval: [0.25, 0.75] as [number, number] } };
    const intervals = (kind: string, from: NewRun) =>
      readAxis(axis(kind, "0, 0.5"), base, info).map(({ apply }) => apply(from).settings.guidanceInterval);
    expect(intervals("guidanceStart", base)).toEqual([
      [0, 1],
      [0.5, 1],
    ]);
    expect(intervals("guidanceStart", late)).toEqual([
      [0, 0.75],
      [0.5, 0.75],
    ]);
    expect(intervals("guidanceEnd", late)).toEqual([
      [0.25, 0],
      [0.25, 0.5],
    ]);
  });

  it("replace the first value in both prompts, everywhere", () => {
    expect(settingsOf(axis("prompt", "red, dark green")).map((one) => [one.prompt, one.negativePrompt])).toEqual([
      ["a red apple, red", "red wall"],
      ["a dark green apple, dark green", "dark green wall"],
    ]);
  });

  it("replace letter for letter, and remove where a value is empty", () => {
    const prompts = settingsOf(axis("prompt", "red, $& $1 $$, ")).map(({ prompt }) => prompt);
    expect(prompts).toEqual(["a red apple, red", "a $& $1 $$ apple, $& $1 $$", "a  apple, "]);
    expect(readAxis(axis("prompt", "red,"), base, info).map(({ label }) => label)).toEqual(["red", "(removed)"]);
  });

  it("offer strength only where there is a picture to start from", () => {
    const kinds = (withImage: boolean) => kindsFor(withImage).map(({ id }) => id);
    expect(kinds(false)).not.toContain("strength");
    expect(kinds(true)).toContain("strength");
  });

  it.each([
    [axis("steps", "0"), /^Steps must be a whole number from 1/],
    [axis("seed", "1.5"), /^Seed must be a whole number/],
    [axis("guidanceScale", "31"), /^Guidance scale must be a number from 0 to 30/],
    [axis("guidanceStart", "1.1"), /^Guidance start must be a number from 0 to 1\./],
    [axis("size", "100x100"), /^Width must be a multiple of 8/],
    [axis("size", "big"), /^"big" is not a size like/],
    [axis("sampler", "magic"), /^There is no sampler "magic"; there are DDIM, Euler\./],
    [axis("prompt", "pear, apple"), /^"pear" is in neither prompt;/],
    [axis("prompt", ", apple"), /^The first value is empty;/],
    [axis("steps", " "), /^Give the values, for example 4, 8, 16\./],
  ])("%j is refused", (one, message) => {
    expect(() => readAxis(one, base, info)).toThrow(message);
  });
});

describe("a plot", () => {
  const asIs = async (runs: NewRun[]) => runs;

  it("is every combination: x fastest, then y, then z", async () => {
    const axes: Axes = [axis("seed", "1-2"), axis("steps", "4, 8"), axis("prompt", "apple, pear")];
    const { values, count } = readAxes(axes, base, info);
    const seen = (await combinations(values, base, asIs)).map(({ settings }) => [
      settings.seed,
      settings.steps,
      settings.prompt,
    ]);
    expect(count).toBe(8);
    expect(seen.slice(0, 5)).toEqual([
      [1, 4, "a red apple, red"],
      [2, 4, "a red apple, red"],
      [1, 8, "a red apple, red"],
      [2, 8, "a red apple, red"],
      [1, 4, "a red pear, red"],
    ]);
  });

  it("gives each run the start image at its own size, and then its strength", async () => {
    const withStart = async (runs: NewRun[]) =>
      runs.map((run) => ({ ...run, image: { picture: { width: run.settings.width } as Picture, strength: 0.75 } }));
    const { values } = readAxes([axis("strength", "0.2-1 [3]"), axis("size", "64x64, 128x64"), none], base, info);
    const runs = await combinations(values, base, withStart);
    expect(runs.map(({ image }) => [image?.picture.width, image?.strength])).toEqual([
      [64, 0.2],
      [64, 0.6],
      [64, 1],
      [128, 0.2],
      [128, 0.6],
      [128, 1],
    ]);
  });

  it("says what is wrong with it", () => {
    expect(readAxes([none, none, none], base, info).error).toMatch(/at least one axis/);
    expect(readAxes([axis("seed", "1-20"), axis("steps", "1-20"), none], base, info).error).toMatch(
      /400 pictures; 200/,
    );
    expect(readAxes([axis("seed", "1"), axis("seed", "2"), none], base, info).errors[1]).toMatch(/Another axis/);
    expect(hasErrors(readAxes([axis("seed", "1"), none, none], base, info))).toBe(false);
  });

  it("is queued as runs; cancelling takes out what waits and keeps what is done", async () => {
    let finish = () => {};
    const generate = (_request: GenerateRequest, _onStep: unknown, signal?: AbortSignal) =>
      new Promise<GenerateResult>((resolve, reject) => {
        finish = () => resolve({ output: { picture: {} } } as GenerateResult);
        signal?.addEventListener("abort", () => reject(new EngineError("Cancelled", "Cancelled.")));
      });
    const queue = createQueue({ generate, decode: async () => ({}) as Output }, async () => new Blob());
    queue.add(info, [base]);
    const plots = createPlots(queue, asIs);
    await plots.start(readAxes([axis("seed", "1-4"), none, none], base, info), base, info);
    queue.add(info, [{ settings: { ...base.settings, seed: 99 } }]);
    const { plot } = plots.store.get();
    if (!plot) throw new Error("There is no plot.");
    const statuses = () => runsOf(plot, queue.store.get().runs).map((run) => run?.status);
    expect(plot.labels).toEqual([["Seed: 1", "Seed: 2", "Seed: 3", "Seed: 4"], [""], [""]]);
    finish();
    await vi.waitFor(() => expect(statuses()).toEqual(["running", "queued", "queued", "queued"]));
    finish();
    await vi.waitFor(() => expect(statuses()).toEqual(["done", "running", "queued", "queued"]));
    plots.cancel();
    await vi.waitFor(() => expect(statuses()).toEqual(["done", "cancelled", undefined, undefined]));
    // what is not the plot's goes on
    await vi.waitFor(() =>
      expect(queue.store.get().runs.at(-1)).toMatchObject({ status: "running", settings: { seed: 99 } }),
    );
  });
});

describe("the plot's picture", () => {
  const shape = { picture: { width: 128, height: 256 }, labels: { columns: true, sheets: true }, rowLabel: 80 };

  it("has a place of its own for every picture, below the labels", () => {
    const layout = gridLayout({ ...shape, columns: 3, rows: 2, sheets: 2 });
    const corners = Array.from({ length: 12 }, (_, index) => cornerOf(layout, index));
    expect(new Set(corners.map(({ x, y }) => `${x} ${y}`)).size).toBe(12);
    for (const { x, y, column, row } of corners) {
      expect(x).toBeGreaterThanOrEqual(80);
      expect(x + 128).toBeLessThanOrEqual(layout.width);
      expect(y + 256).toBeLessThanOrEqual(layout.height);
      if (column === 0 && row === 0) expect(y).toBeGreaterThanOrEqual(layout.title + layout.head);
    }
    expect(corners[3]).toMatchObject({ column: 0, row: 1, sheet: 0 });
    expect(corners[6].y - corners[3].y).toBeGreaterThan(256 + layout.title + layout.head);
  });

  it("shrinks its pictures where all together would be too large for a canvas", () => {
    const picture = { width: 1024, height: 1024 };
    const layout = gridLayout({ ...shape, picture, columns: 20, rows: 10, sheets: 1 });
    expect(layout.width * layout.height).toBeLessThanOrEqual(12e6);
    expect(fitInto(layout.cell, picture).width).toBeLessThanOrEqual(layout.cell.width);
  });

  it("keeps a picture's proportions and does not enlarge it", () => {
    expect(fitInto({ width: 100, height: 100 }, { width: 200, height: 100 })).toEqual({
      dx: 0,
      dy: 25,
      width: 100,
      height: 50,
    });
    expect(fitInto({ width: 96, height: 64 }, { width: 64, height: 64 })).toEqual({
      dx: 16,
      dy: 0,
      width: 64,
      height: 64,
    });
  });
});
