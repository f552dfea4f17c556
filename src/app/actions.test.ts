import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Action, type AnyAction, actionsAt, performKey, type RunContext } from "../actions/action";
import type { Run } from "../runs/run";
import { info } from "../testing/model-info";
import { createActions } from "./actions";
import { createDarkroom, type Darkroom } from "./darkroom";

let darkroom: Darkroom;
let actions: readonly AnyAction[];

beforeEach(() => {
  vi.stubGlobal("navigator", {});
  vi.stubGlobal("document", { baseURI: "https://example.test/", querySelector: () => null });
  vi.stubGlobal("HTMLElement", class {});
  darkroom = createDarkroom({ device: "cpu", storage: null });
  actions = createActions(darkroom);
});
afterEach(() => vi.unstubAllGlobals());

const press = (key: string, more: Partial<KeyboardEvent> = {}) =>
  ({ key, ctrlKey: false, metaKey: false, altKey: false, target: null, ...more }) as KeyboardEvent;

const labelsOf = <Context>(list: readonly Action<Context>[], context: Context) =>
  list
    .filter(({ predicate }) => predicate?.(context) ?? true)
    .map(({ fullName, label }) => fullName ?? (typeof label === "string" ? label : label(context)));

describe("the list of actions", () => {
  it("names each once", () => {
    const names = actions.map(({ name }) => name);
    expect(names).toEqual([...new Set(names)]);
  });

  it("gives no key to two actions of one place", () => {
    const keys = ["Enter", "Escape", "?", " ", "d", "v", "Home", "End", "PageUp", "PageDown"];
    const events = [...keys, "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].flatMap((key) => [
      press(key),
      press(key, { ctrlKey: true }),
    ]);
    const page = [...actionsAt(actions, "prompt"), ...actionsAt(actions, "foot")];
    for (const event of events)
      for (const place of [page, actionsAt(actions, "strip")])
        expect(place.filter(({ keyTest }) => keyTest?.(event)).length).toBeLessThan(2);
  });

  it("has a row of the help for every key, in the order of the table", () => {
    expect(actions.flatMap((action) => action.help?.keys.join("+") ?? [])).toEqual([
      "Ctrl+Enter",
      "Esc",
      "Down+Up",
      "Left+Right",
      "Home+End",
      "Enter",
      "Space",
      "D",
      "V",
      "Left+Right",
      "Alt+Up",
      "?",
    ]);
  });
});

describe("the keys of the page", () => {
  it("generate with Ctrl or Cmd and Enter, and with nothing less", () => {
    const generate = vi.fn();
    const context = { generate, show: vi.fn() };
    const page = actionsAt(actions, "prompt");
    expect(performKey(page, press("Enter", { ctrlKey: true }), context)).toBe(true);
    expect(performKey(page, press("Enter", { metaKey: true }), context)).toBe(true);
    expect(generate).toHaveBeenCalledTimes(2);
    expect(performKey(page, press("Enter"), context)).toBe(false);
  });

  it("leave Escape and ? to an open dialog", () => {
    const context = { generate: vi.fn(), show: vi.fn() };
    vi.stubGlobal("document", { querySelector: () => ({}) });
    for (const key of ["Escape", "?"])
      for (const place of ["prompt", "foot"] as const)
        expect(performKey(actionsAt(actions, place), press(key), context)).toBe(false);
    vi.stubGlobal("document", { querySelector: () => null });
    expect(performKey(actionsAt(actions, "foot"), press("?"), context)).toBe(true);
    expect(context.show).toHaveBeenCalledOnce();
  });
});

describe("what is offered for a run", () => {
  const step = { stage: 0, stages: [{ steps: 4, first: 0 }], index: 3 };
  const run = (patch: Partial<Run>): Run =>
    ({
      id: "a",
      number: 1,
      model: info,
      settings: info.defaults,
      steps: [step],
      png: null,
      decoded: {},
      ...patch,
    }) as Run;
  const contextOf = (one: Run, runs = [one]): RunContext => ({
    run: one,
    place: one.steps.length - 1,
    shown: one.png,
    queue: { ...darkroom.queue.store.get(), runs },
    info,
    show: vi.fn(),
  });
  const offered = (context: RunContext) => labelsOf(actionsAt(actions, "run"), context);

  it("that is done", () => {
    expect(offered(contextOf(run({ status: "done", png: new Blob() })))).toEqual([
      "Branch",
      "Use these settings",
      "Vary or upscale",
      "Use as start image",
      "Copy link",
      "Save as",
      "Download PNG",
    ]);
  });

  it("that has others beside it", () => {
    const [one, other] = ["a", "b"].map((id) => run({ id, batch: "c", status: "done", png: new Blob() }));
    expect(offered(contextOf(one, [one, other]))).toEqual(expect.arrayContaining(["All 2", "Compare"]));
  });

  it("that was cancelled, by the model that made it", () => {
    const context = contextOf(run({ status: "cancelled" }));
    const all = ["Decode this step", "Resume", "Branch", "Use these settings", "Copy link", "Save as"];
    expect(offered(context)).toEqual(all);
    const other = { ...context, info: { ...info, id: "other" } };
    expect(offered(other)).toEqual(all.filter((label) => label !== "Resume"));
  });

  it("that was cancelled before its first step", () => {
    const context = contextOf(run({ status: "cancelled", steps: [] }));
    expect(offered(context)).toEqual(["Branch", "Use these settings", "Copy link"]);
  });
});
