import { describe, expect, it } from "vitest";
import { createStore } from "../state/store";
import { info } from "../testing/model-info";
import { emptyForm, type Form, fieldError, fields, formErrors, fromSettings, toRuns, withDefaults } from "./form";
import { keepForm, readForm } from "./saved-form";

const filled = (patch: Partial<Form> = {}): Form => ({ ...withDefaults(emptyForm(), info), seed: "7", ...patch });

describe("ranges", () => {
  it("names the control and the allowed range in one sentence", () => {
    const { steps, width, guidanceScale, seed, count } = fields;
    expect(fieldError("0", steps, info)).toBe("Steps must be a whole number from 1 to 1000.");
    expect(fieldError("2.5", steps, info)).toBe("Steps must be a whole number from 1 to 1000.");
    expect(fieldError("", steps, info)).toBeDefined();
    expect(fieldError("100", width, info)).toBe("Width must be a multiple of 8 from 64 to 256.");
    expect(fieldError("-0.5", guidanceScale, info)).toBe("Guidance scale must be a number from 0 to 30.");
    expect(fieldError("-1", seed, info)).toBe("Seed must be a whole number from 0 to 9007199254740991.");
    expect(fieldError("17", count, info)).toBe("Number of pictures must be a whole number from 1 to 16.");
  });

  it("accepts both ends", () => {
    const { width, guidanceScale, seed } = fields;
    expect(["64", "256", "72"].map((text) => fieldError(text, width, info))).toEqual([undefined, undefined, undefined]);
    expect(["0", "30", "7.25"].map((text) => fieldError(text, guidanceScale, info))).toEqual(Array(3).fill(undefined));
    expect(fieldError("9007199254740991", seed, info)).toBeUndefined();
  });

  it("lets empty fields wait for the model, and says so of wrong ones at once", () => {
    expect(formErrors(emptyForm(), null)).toEqual({});
    expect(formErrors({ ...emptyForm(), steps: "0" }, null)).toHaveProperty("steps");
  });
});

describe("the form", () => {
  it("takes the model's defaults where nothing was typed", () => {
    const form = withDefaults({ ...emptyForm(), steps: "4" }, info);
    expect(form).toMatchObject({ model: "m", sampler: "euler", steps: "4", guidanceScale: "5", width: "128" });
  });

  it("replaces what was set for another model and keeps the prompt", () => {
    const form = withDefaults({ ...filled(), model: "other", prompt: "a cat", steps: "4", width: "1024" }, info);
    expect(form).toMatchObject({ model: "m", prompt: "a cat", steps: "20", width: "128" });
  });

  it("replaces a sampler that the model does not offer", () => {
    expect(withDefaults(filled({ sampler: "heun" }), info).sampler).toBe("euler");
    expect(withDefaults(filled({ sampler: "ddim" }), info).sampler).toBe("ddim");
  });

  it("asks for pictures with seeds that follow each other", () => {
    expect(toRuns(filled({ count: "3" })).map(({ settings }) => settings.seed)).toEqual([7, 8, 9]);
  });

  it("asks for every alternative of both prompts with each seed", () => {
    const runs = toRuns(filled({ prompt: "{a|b} cat", negativePrompt: "{|dog}", count: "2" }));
    expect(runs.map(({ settings: { prompt, negativePrompt, seed } }) => [prompt, negativePrompt, seed])).toEqual(
      [7, 8].flatMap((seed) => [
        ["a cat", "", seed],
        ["a cat", "dog", seed],
        ["b cat", "", seed],
        ["b cat", "dog", seed],
      ]),
    );
  });

  it("refuses more alternatives than can be made at once, before it makes the list", () => {
    expect(formErrors(filled({ prompt: "{a|b}".repeat(30) }), info).count).toMatch(/1,073,741,824 pictures.*256/);
    expect(formErrors(filled({ prompt: "{a|b}".repeat(8) }), info)).toEqual({});
    expect(formErrors(filled({ prompt: "{a|b}".repeat(8), count: "2" }), info)).toHaveProperty("count");
  });

  it("comes back from a run's settings, with the seed kept", () => {
    const [{ settings }] = toRuns(filled({ prompt: "a cat", guidanceScale: "7.5" }));
    const form = fromSettings(emptyForm(), settings);
    expect(form.newSeed).toBe(false);
    expect(toRuns(form)).toEqual([{ settings }]);
  });
});

describe("the guidance interval", () => {
  const start = { ...info, defaults: { ...info.defaults, guidanceInterval: [0.4, 1] as [number, number] } };

  it("is the model's where nothing was typed, and no setting where every step is guided", () => {
    const [{ settings }] = toRuns(withDefaults({ ...emptyForm(), seed: "7" }, start));
    expect(settings.guidanceInterval).toEqual([0.4, 1]);
    expect(toRuns(filled())[0].settings).not.toHaveProperty("guidanceInterval");
  });

  it("comes back from a run's settings", () => {
    const [{ settings }] = toRuns(filled({ guidanceStart: "0.25", guidanceEnd: "0.75" }));
    expect(settings.guidanceInterval).toEqual([0.25, 0.75]);
    expect(toRuns(fromSettings(emptyForm(), settings))).toEqual([{ settings }]);
    const { guidanceInterval: _, ...all } = settings;
    expect(fromSettings(filled({ guidanceStart: "0.5" }), all)).toMatchObject({ guidanceStart: "0" });
  });

  it("is refused when it ends before it starts", () => {
    expect(formErrors(filled({ guidanceStart: "0.5", guidanceEnd: "0.25" }), info)).toEqual({
      guidanceEnd: "Guidance end must not come before its start at 0.5.",
    });
    expect(formErrors(filled({ guidanceEnd: "1.5" }), info).guidanceEnd).toBe(
      "Guidance end must be a number from 0 to 1.",
    );
  });
});

describe("the saved form", () => {
  const storage = (text: string | null) => ({ getItem: () => text }) as unknown as Storage;

  it("survives a reload", async () => {
    const kept = new Map<string, string>();
    const map = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as unknown as Storage;
    const store = createStore(readForm(map));
    keepForm(store, map);
    store.set(filled({ prompt: "kept", newSeed: false }));
    await expect.poll(() => readForm(map)).toEqual(store.get());
  });

  it("starts with the defaults where the text is not ours or storage is blocked", () => {
    const empty = { ...emptyForm(), seed: expect.any(String) };
    expect(readForm(storage("{"))).toEqual(empty);
    expect(readForm(storage("[1]"))).toEqual(empty);
    expect(readForm(null)).toEqual(empty);
    const blocked = {
      getItem() {
        throw new DOMException("blocked", "SecurityError");
      },
    } as unknown as Storage;
    expect(readForm(blocked)).toEqual(empty);
  });

  it("drops fields of another type and fields that are not the form's", () => {
    const read = readForm(storage('{"prompt":"kept","steps":5,"newSeed":"yes","extra":1}'));
    expect(read).toEqual({ ...emptyForm(), prompt: "kept", seed: expect.any(String) });
  });
});
