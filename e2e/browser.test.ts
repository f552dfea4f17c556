import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { findBrowser } from "./browser.ts";

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-"));
  vi.stubEnv("CHROME_PATH", "");
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function install(name: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, "");
  await chmod(path, 0o755);
  return path;
}

describe("findBrowser", () => {
  it("takes the one that CHROME_PATH names before any other", async () => {
    const chosen = await install("my-browser");
    await install("chromium");
    vi.stubEnv("PATH", folder);
    vi.stubEnv("CHROME_PATH", chosen);
    expect(findBrowser()).toBe(chosen);
  });

  it("says so when CHROME_PATH names nothing", () => {
    vi.stubEnv("CHROME_PATH", join(folder, "gone"));
    expect(findBrowser).toThrow(/CHROME_PATH names .*gone, which does not exist/);
  });

  it("looks through the search path", async () => {
    const chrome = await install("google-chrome");
    vi.stubEnv("PATH", folder);
    expect(findBrowser()).toBe(chrome);
  });
});
