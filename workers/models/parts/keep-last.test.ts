import { expect, test } from "vitest";
import { keepLast } from "./keep-last.ts";

function counted(size: number) {
  const kept = keepLast<string>(size);
  const computed: string[] = [];
  const ask = (key: string) =>
    kept(key, async () => {
      computed.push(key);
      return `${key}!`;
    });
  return { ask, computed };
}

test("what was asked for last is not computed again", async () => {
  const { ask, computed } = counted(2);
  expect([await ask("a"), await ask("b"), await ask("a"), await ask("b")]).toEqual(["a!", "b!", "a!", "b!"]);
  expect(computed).toEqual(["a", "b"]);
});

test("the one whose use is longest ago goes first", async () => {
  const { ask, computed } = counted(2);
  for (const key of ["a", "b", "a", "c", "a", "b"]) await ask(key);
  expect(computed).toEqual(["a", "b", "c", "b"]);
});

test("what is under way is shared", async () => {
  const { ask, computed } = counted(2);
  await Promise.all([ask("a"), ask("a")]);
  expect(computed).toEqual(["a"]);
});

test("a failure is not kept", async () => {
  const kept = keepLast<string>(2);
  await expect(kept("a", () => Promise.reject(new Error("lost")))).rejects.toThrow("lost");
  expect(await kept("a", async () => "found")).toBe("found");
});
