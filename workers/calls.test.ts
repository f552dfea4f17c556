import { expect, test } from "vitest";
import { createCalls } from "./calls.ts";

test("calls are made one after the other, and those cancelled while they wait are left out", async () => {
  const calls = createCalls();
  const made: string[] = [];
  let finish = () => {};
  const first = calls.take(1, async () => {
    made.push("first begins");
    await new Promise<void>((done) => {
      finish = done;
    });
    made.push("first ends");
  });
  const second = calls.take(2, async () => void made.push("second"));
  const third = calls.take(3, async () => void made.push("third"));
  calls.cancel(2);
  await expect.poll(() => made).toEqual(["first begins"]);
  finish();
  await expect(second).rejects.toMatchObject({ name: "Cancelled" });
  await Promise.all([first, third]);
  expect(made).toEqual(["first begins", "first ends", "third"]);
});

test("what is cancelled in the same moment as it is asked for is left out; one that failed holds up nothing", async () => {
  const calls = createCalls();
  const newest = calls.take(7, async () => "never");
  calls.cancel(7);
  await expect(newest).rejects.toMatchObject({ name: "Cancelled" });
  await expect(calls.take(8, () => Promise.reject(new Error("broken")))).rejects.toThrow("broken");
  expect(await calls.take(9, async () => "next")).toBe("next");
});

test("a call without a number does not wait", async () => {
  const calls = createCalls();
  void calls.take(1, () => new Promise(() => {}));
  expect(await calls.take(undefined, async () => "at once")).toBe("at once");
});
