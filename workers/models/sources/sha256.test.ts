import { createHash } from "node:crypto";
import { afterEach, expect, test, vi } from "vitest";
import { sha256 } from "./sha256.ts";

afterEach(() => vi.unstubAllGlobals());

test.each([
  ["over https", () => {}],
  ["over http", () => vi.stubGlobal("crypto", {})],
])("the digest, %s", async (_, prepare) => {
  prepare();
  const bytes = Uint8Array.from({ length: 1000 }, (__, i) => i & 255);
  expect(Buffer.from(await sha256(bytes)).toString("hex")).toBe(createHash("sha256").update(bytes).digest("hex"));
});
