import { describe, expect, it, vi } from "vitest";
import type { Settings, Step } from "../../workers/protocol";
import type { QueueState } from "../runs/queue";
import type { Run } from "../runs/run";
import { createStore } from "../state/store";
import { stageInfo } from "../testing/model-info";
import { createNotifications } from "./notifications";
import { inOrder, timesLeft } from "./time-left";

const base = { prompt: "a", steps: 10, guidanceScale: 5, width: 100, height: 100 } as Settings;
const steps = (count: number) =>
  Array.from(
    { length: count },
    (_, index) => ({ index, stages: [stageInfo(10)], stage: 0, milliseconds: 100 }) as Partial<Step> as Step,
  );
const run = (id: string, status: Run["status"], patch: Partial<Run> = {}): Run =>
  ({ id, status, settings: base, steps: [], ...patch }) as Run;

describe("the time left", () => {
  it("adds up in the order of the queue, by pixels and guidance", () => {
    const times = timesLeft([
      run("waits", "queued"),
      run("runs", "running", { steps: steps(4) }),
      run("large", "queued", { settings: { ...base, width: 200, guidanceScale: 1 } }),
      run("resumed", "queued", { steps: steps(9) }),
      run("half", "queued", { settings: { ...base, guidanceInterval: [0.5, 1] } }),
      run("done", "done", { steps: steps(10) }),
    ]);
    expect([...times]).toEqual([
      ["runs", 600],
      ["waits", 1600],
      ["large", 2600],
      ["resumed", 2700],
      ["half", 3450],
    ]);
  });

  it("is not guessed before the first step", () => {
    const runs = [run("b", "queued"), run("a", "running")];
    expect(timesLeft(runs).size).toBe(0);
    expect(inOrder(runs).map(({ id }) => id)).toEqual(["a", "b"]);
  });
});

describe("notifications", () => {
  function setup(permission: NotificationPermission = "granted") {
    const store = createStore({ runs: [] as readonly Run[] } as QueueState);
    const state = { hidden: true, now: 0 };
    const show = vi.fn();
    const kept = new Map<string, string>();
    const storage = {
      getItem: (key: string) => kept.get(key) ?? null,
      setItem: (key: string, value: string) => void kept.set(key, value),
    } as unknown as Storage;
    const ask = vi.fn(async () => permission);
    const parts = { storage, ask, hidden: () => state.hidden, show, now: () => state.now };
    const notifications = createNotifications({ store }, parts);
    const finish = (milliseconds: number, status: Run["status"] = "done") => {
      store.set({ runs: [run("a", "running")] });
      state.now += milliseconds;
      store.set({ runs: [run("a", status)] });
      store.set({ runs: [run("a", status)] });
    };
    return { notifications, state, show, ask, finish, parts, store };
  }

  it("come once, for a long run that ends while the page is hidden", async () => {
    const { notifications, state, show, finish } = setup();
    await notifications.want(true);
    finish(9_000);
    finish(60_000, "cancelled");
    state.hidden = false;
    finish(60_000);
    expect(show).not.toHaveBeenCalled();
    state.hidden = true;
    finish(60_000);
    expect(show).toHaveBeenCalledExactlyOnceWith("The picture is done", "a");
    finish(60_000, "failed");
    expect(show).toHaveBeenLastCalledWith("The picture failed", "a");
  });

  it("are not asked for before the click, and the wish is kept", async () => {
    const { notifications, ask, show, finish, parts, store } = setup();
    finish(60_000);
    expect(ask).not.toHaveBeenCalled();
    expect(show).not.toHaveBeenCalled();
    await notifications.want(true);
    expect(createNotifications({ store }, parts).store.get().wanted).toBe(true);
  });

  it("say what helps where the browser refuses", async () => {
    const { notifications } = setup("denied");
    await notifications.want(true);
    expect(notifications.store.get()).toMatchObject({ wanted: false, problem: expect.stringMatching(/allow them/) });
  });
});
