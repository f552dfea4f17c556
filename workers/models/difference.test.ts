/** A model that shares another one's files and adds its difference is that model with the difference as a LoRA. */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../engine.ts";
import type { LoraFile } from "../protocol.ts";
import { type FileRecord, sha256 } from "./sources/model-files.ts";

const testing = fileURLToPath(new URL("../testing/", import.meta.url));
const lora = readFileSync(join(testing, "lora/kohya.safetensors"));
const folder = mkdtempSync(join(tmpdir(), "darkroom-difference-"));
const [base, twin] = [join(folder, "base"), join(folder, "twin")];

beforeAll(async () => {
  for (const source of ["families/stable-diffusion", "lora"]) cpSync(join(testing, source), base, { recursive: true });
  const files: Record<string, FileRecord> = { "difference.safetensors": await recordOf(lora) };
  for (const entry of readdirSync(base, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    files[path.slice(base.length + 1)] = { ...(await recordOf(readFileSync(path))), folder: "../base/" };
  }
  const defaults = { prompt: "a tree", negativePrompt: "", sampler: "ddim", steps: 2, guidanceScale: 1 };
  const manifest = {
    title: "Twin",
    license: "MIT",
    defaults: { ...defaults, width: 64, height: 64 },
    size: { min: 64, max: 64 },
    preview: { factors: [], bias: [0, 0, 0] },
    difference: "difference.safetensors",
    files,
  };
  mkdirSync(twin);
  writeFileSync(join(twin, "difference.safetensors"), lora);
  writeFileSync(join(twin, "darkroom.json"), JSON.stringify(manifest));
});

afterAll(() => rmSync(folder, { recursive: true }));

const recordOf = async (bytes: Buffer) => ({ bytes: bytes.length, sha256: await sha256(new Uint8Array(bytes)) });

async function latentsOf(place: string, loras: LoraFile[] = []): Promise<Float32Array> {
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => diskFiles(place) });
  const { defaults } = await engine.load({ id: "model", url: "file:///model/", loras }, "cpu", () => {});
  const task = { prompt: "a tree", seed: 1, sampler: "ddim", steps: 2, guidanceScale: 1, width: 64, height: 64 };
  return (await engine.generate({ settings: { ...defaults, ...task } }, () => {})).latents.data;
}

test("the twin draws what its base draws with the difference merged, and not what its base draws", async () => {
  const drawn = await latentsOf(twin);
  expect(drawn).toEqual(await latentsOf(base, [{ name: "kohya", scale: 1, file: new Blob([new Uint8Array(lora)]) }]));
  expect(drawn).not.toEqual(await latentsOf(base));
});

test("a LoRA of the visitor's is merged on top of it", async () => {
  const own = { name: "kohya", scale: -1, file: new Blob([new Uint8Array(lora)]) };
  const [back, plain] = [await latentsOf(twin, [own]), await latentsOf(base)];
  expect(Math.max(...back.map((value, i) => Math.abs(value - plain[i])))).toBeLessThan(1e-4);
});
