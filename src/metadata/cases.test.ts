/// <reference types="node" />
/** Files that other programs wrote, where the folder with them lies beside the project. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { readSettings } from "./read-settings";

const FOLDER = new URL("../../../shared/cases/in/", import.meta.url);
const files = existsSync(FOLDER) ? readdirSync(FOLDER).filter((name) => /\.(png|jpe?g|webp|avif)$/.test(name)) : [];

it.skipIf(files.length === 0)("every one of them is read", async () => {
  for (const name of files) {
    const found = await readSettings(new Blob([readFileSync(new URL(name, FOLDER))]));
    expect([name, found?.settings.prompt?.length, found?.settings.steps]).toEqual([
      name,
      expect.any(Number),
      expect.any(Number),
    ]);
  }
});
