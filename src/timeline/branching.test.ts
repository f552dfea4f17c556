import { describe, expect, it, vi } from "vitest";
import type { GenerateRequest, GenerateResult, Output, Picture, Settings, Step } from "../../workers/protocol";
import { createQueue } from "../runs/queue";
import type { Run } from "../runs/run";
import { emptyForm, type Form, withDefaults } from "../settings/form";
import { createStore } from "../state/store";
import { info as plain, stageInfo } from "../testing/model-info";
import { type Branch, branchRefusal, branchRuns, drawsNoise } from "./branch-runs";
import { branchError, createBranching } from "./branching";

const info = {
  ...plain,
  title: "M",
  samplers: [
    { id: "ddim", label: "DDIM", noise: "with eta" as const },
    { id: "euler", label: "Euler" },
    { id: "euler-ancestral", label: "Euler a", noise: "always" as const },
  ],
};
const settings: Settings = { ...info.defaults, prompt: "a cat", steps: 4, seed: 7, eta: 0 };
const step = (index: number) => ({ index, stages: [stageInfo(4)], stage: 0, milliseconds: 1 }) as Partial<Step> as Step;
const parent = (over: Partial<Settings> = {}): Run =>
  ({
    id: "p",
    number: 1,
    model: info,
    settings: { ...settings, ...over },
    steps: [0, 1, 2, 3].map(step),
  }) as unknown as Run;
const branch = (over: Partial<Branch> = {}): Branch => ({ parent: parent(), place: 1, noiseSeed: "", ...over });
const form = (over: Partial<Form> = {}): Form => ({
  ...withDefaults(emptyForm(), info),
  prompt: "a dog",
  guidanceScale: "9",
  ...over,
});

describe("the runs of a branch", () => {
  it("hold the parent's steps up to the chosen one, the parent, and its settings but for what was changed", () => {
    const runs = branchRuns(branch(), form({ steps: "50", seed: "99", width: "64" }));
    expect(runs).toEqual([
      {
        settings: { ...settings, prompt: "a dog", guidanceScale: 9 },
        resume: { steps: [step(0), step(1)] },
        parent: { id: "p", step: 1 },
      },
    ]);
  });

  it("take the guidance interval of the form, also away", () => {
    const interval = (start: string) =>
      branchRuns(branch(), form({ guidanceStart: start }))[0].settings.guidanceInterval;
    expect(interval("0.5")).toEqual([0.5, 1]);
    expect(interval("0")).toBeUndefined();
  });

  it("name the step where another sampler takes over, and whose noise levels stay", () => {
    const [first] = branchRuns(branch(), form({ sampler: "ddim" }));
    expect(first.settings.takeover).toEqual({ step: 2, levels: "euler" });
    // a branch of that branch, with its sampler, goes on with its history
    const child = parent(first.settings);
    const again = (at: number, sampler: string) =>
      branchRuns(branch({ parent: child, place: at }), form({ sampler }))[0].settings.takeover;
    expect(again(2, "ddim")).toEqual({ step: 2, levels: "euler" });
    expect(again(1, "ddim")).toEqual({ step: 2, levels: "euler" });
    // from before it, or with a third one, the levels are still the first one's
    expect(again(0, "ddim")).toEqual({ step: 1, levels: "euler" });
    expect(again(2, "euler-ancestral")).toEqual({ step: 3, levels: "euler" });
  });

  it("count steps as the engine does, also where image to image began in the middle", () => {
    const image = { picture: {} as Picture, strength: 0.5 };
    const late = { ...parent(), image, steps: [step(2), step(3)] };
    expect(branchRuns(branch({ parent: late, place: 0 }), form({ sampler: "ddim" }))).toEqual([
      {
        settings: expect.objectContaining({ takeover: { step: 3, levels: "euler" } }),
        image,
        resume: { steps: [step(2)] },
        parent: { id: "p", step: 2 },
      },
    ]);
    expect(branchRefusal(late, 0)).toBeNull();
    expect(branchRefusal(late, 1)).toMatch(/^After the last step/);
  });

  it("count noise seeds up from the one that is typed, else from the parent's", () => {
    const noisy = form({ sampler: "euler-ancestral", count: "3" });
    const seeds = (one: Branch) => branchRuns(one, noisy).map((run) => run.settings.noiseSeed);
    expect(seeds(branch({ noiseSeed: "20" }))).toEqual([20, 21, 22]);
    expect(seeds(branch({ parent: parent({ noiseSeed: 5 }) }))).toEqual([5, 6, 7]);
    expect(seeds(branch())).toEqual([undefined, 8, 9]);
  });

  it("are one for each alternative of the prompt", () => {
    const runs = branchRuns(branch(), form({ prompt: "a {dog|fox}" }));
    expect(runs.map(({ settings: { prompt } }) => prompt)).toEqual(["a dog", "a fox"]);
  });

  it("are one where the sampler draws no noise: the others would be the same picture", () => {
    expect(branchRuns(branch(), form({ sampler: "euler", count: "3" }))).toHaveLength(1);
    expect(drawsNoise(branch(), "ddim")).toBe(false);
    expect(drawsNoise(branch({ parent: parent({ eta: 0.5 }) }), "ddim")).toBe(true);
  });
});

describe("what cannot be branched", () => {
  it("is said in a sentence", () => {
    expect(branchRefusal(parent(), 2)).toBeNull();
    expect(branchRefusal(parent(), 3)).toMatch(/^After the last step/);
    expect(branchRefusal(null, -1)).toMatch(/^There is no step/);
    expect(branchError(branch(), info)).toBeUndefined();
    expect(branchError(branch({ noiseSeed: "-1" }), info)).toMatch(/^Noise seed must be a whole number from 0/);
    expect(branchError(branch(), { ...info, id: "other" })).toMatch(/^Picture 1 was made with M;/);
  });
});

describe("setting up a branch", () => {
  async function setup() {
    const generate = vi.fn(async (_request: GenerateRequest, onStep: (one: Step) => void) => {
      for (const index of [0, 1, 2, 3]) onStep(step(index));
      return { output: {} } as GenerateResult;
    });
    const queue = createQueue({ generate, decode: async () => ({}) as Output }, async () => new Blob());
    queue.add(info, [{ settings }]);
    await vi.waitFor(() => expect(queue.store.get().runs[0].status).toBe("done"));
    const typed = createStore(form({ prompt: "something else", count: "4", newSeed: true }));
    return { queue, generate, typed, branching: createBranching(queue, typed) };
  }

  it("fills the form with the run's settings, and gives back what was typed when it is cancelled", async () => {
    const { queue, typed, branching } = await setup();
    const before = typed.get();
    queue.scrub(1);
    branching.begin();
    expect(branching.store.get().branch).toMatchObject({ place: 1, noiseSeed: "" });
    expect(typed.get()).toMatchObject({ prompt: "a cat", seed: "7", count: "1" });
    branching.cancel();
    expect(branching.store.get().branch).toBeNull();
    expect(typed.get()).toEqual(before);
  });

  it("queues a run that resumes the parent's steps", async () => {
    const { queue, generate, typed, branching } = await setup();
    queue.scrub(1);
    branching.begin();
    typed.set({ prompt: "a dog" });
    expect(branching.generate(info)).toBe(true);
    const [first, second] = queue.store.get().runs;
    expect(second.parent).toEqual({ id: first.id, step: 1 });
    expect(second.steps.slice(0, 2)).toEqual(first.steps.slice(0, 2));
    expect(generate.mock.lastCall?.[0]).toMatchObject({
      settings: { prompt: "a dog" },
      resume: { steps: [step(0), step(1)] },
    });
    expect(branching.store.get().branch).toBeNull();
  });

  it("refuses the last step, until something else is looked at", async () => {
    const { queue, branching } = await setup();
    branching.begin();
    expect(branching.store.get()).toMatchObject({ branch: null, refusal: expect.stringMatching(/last step/) });
    queue.scrub(0);
    expect(branching.store.get().refusal).toBeNull();
  });
});
