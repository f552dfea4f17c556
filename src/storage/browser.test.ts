import { afterEach, describe, expect, test, vi } from "vitest";
import { keptTexts, locked } from "./browser";
import { liveTabs, nameTab, takeTurn } from "./tabs";

afterEach(() => vi.unstubAllGlobals());

const refused = () => Promise.reject(new DOMException("Refused.", "SecurityError"));
const refusing = { request: refused, query: refused } as unknown as LockManager;

describe("locks that are refused", () => {
  test("a job runs all the same, once", async () => {
    const job = vi.fn(async () => 5);
    expect(await locked(refusing, "a", job)).toBe(5);
    expect(job).toHaveBeenCalledTimes(1);
  });

  test("a job's own failure is not taken for a refusal", async () => {
    const granting = { request: (_: string, job: () => unknown) => job() } as unknown as LockManager;
    const job = vi.fn(() => Promise.reject(new Error("The job.")));
    await expect(locked(granting, "a", job)).rejects.toThrow("The job.");
    expect(job).toHaveBeenCalledTimes(1);
  });

  test("tabs have names, do not see each other, and do not wait for a turn", async () => {
    expect(await nameTab(refusing)).toMatch(/^darkroom\.tab\./);
    expect(await liveTabs(refusing)).toEqual(new Set());
    const job = vi.fn(async () => {});
    await takeTurn(refusing, () => {})(job);
    expect(job).toHaveBeenCalledTimes(1);
  });
});

test.each<[string, unknown]>([
  ["is missing", undefined],
  ["refuses to be written", { getItem: () => null, setItem: refusedNow, removeItem: () => {} }],
])("localStorage that %s", (_, storage) => {
  vi.stubGlobal("localStorage", storage);
  expect(keptTexts()).toBeNull();
});

test("a full localStorage is read, and forgets what does not fit", () => {
  const full = () => {
    throw new DOMException("Full.", "QuotaExceededError");
  };
  vi.stubGlobal("localStorage", { getItem: () => "kept", setItem: full, removeItem: () => {} });
  const texts = keptTexts();
  expect(texts?.getItem("a")).toBe("kept");
  expect(() => texts?.setItem("a", "b")).not.toThrow();
});

function refusedNow(): never {
  throw new DOMException("Refused.", "SecurityError");
}
