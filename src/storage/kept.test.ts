import { expect, test } from "vitest";
import { notKept, watchKept } from "./kept";

const all = { settings: true, pictures: true, models: true };

test.each([
  [all, true, null],
  [{ ...all, settings: false }, true, "settings last until it is closed"],
  [{ ...all, pictures: false, models: false }, true, "pictures and models last until it is closed"],
  [
    { settings: false, pictures: false, models: false },
    false,
    "settings, pictures and models last until it is closed, and it does not work offline",
  ],
  [all, false, "it does not work offline"],
])("%j, offline %s", (kept, offline, said) => {
  expect(notKept(kept, true, offline)).toBe(said && `The browser blocks storage for this page: ${said}.`);
});

test("over http one sentence says what https would add", () => {
  expect(notKept({ ...all, pictures: false }, false, false)).toMatch(/^This page was opened over http; .*offline.*\.$/);
});

test("what the browser refuses is not kept", async () => {
  const store = watchKept(true, Promise.resolve(), Promise.reject(new DOMException("No.", "SecurityError")));
  await expect.poll(store.get).toEqual({ settings: true, pictures: false, models: false });
});
