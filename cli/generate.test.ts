/** `npm run generate` as a process of its own, with the tiny model. */
import { spawn } from "node:child_process";
import { access, cp, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode } from "fast-png";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

const program = fileURLToPath(new URL("generate.ts", import.meta.url));
const tiny = fileURLToPath(new URL("../workers/testing/tiny/", import.meta.url));

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "generate-"));
});
afterAll(() => rm(folder, { recursive: true }));

const at = (name: string) => join(folder, name);

async function generate(...args: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", program, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let [out, err] = ["", ""];
  child.stdout.on("data", (chunk) => {
    out += chunk;
  });
  child.stderr.on("data", (chunk) => {
    err += chunk;
  });
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve));
  return { code, out, err };
}

test("one picture, its seed and its latents, in folders that were not there", async () => {
  const args = ["--model", tiny, "--prompt", "a red cat", "--width", "96", "--steps", "2"];
  const { code, out, err } = await generate(...args, "--output", at("new/a.png"), "--latents", at("other/a.npy"));
  expect([code, err]).toEqual([0, ""]);
  const seed = /\(seed (\d+)\)\n$/.exec(out)?.[1];
  expect(out).toBe(`${at("new/a.png")} (seed ${seed})\n`);

  const png = await readFile(at("new/a.png"));
  const { width, height, channels, data } = decode(png);
  expect([width, height, channels]).toEqual([96, 64, 3]);
  expect(new Set(data).size).toBeGreaterThan(50);
  const npy = await readFile(at("other/a.npy"), "latin1");
  expect(npy).toContain("'descr': '<f4', 'fortran_order': False, 'shape': (1, 4, 16, 24)");

  // The seed that was printed makes the same picture.
  await generate(...args, "--output", at("again.png"), "--seed", String(seed));
  expect(await readFile(at("again.png"))).toEqual(png);
});

test("a model made for diffusers takes brackets for text, as diffusers does, unless it is told otherwise", async () => {
  const model = fileURLToPath(new URL("../workers/testing/families/stable-diffusion/", import.meta.url));
  const common = [
    "--model",
    model,
    "--prompt",
    "a (red:1.9) cat",
    "--steps",
    "1",
    "--seed",
    "7",
    "--guidance-scale",
    "1",
  ];
  const latents = async (name: string, ...args: string[]) => {
    const { err } = await generate(...common, ...args, "--output", at(`${name}.png`), "--latents", at(`${name}.npy`));
    expect(err).toBe("");
    return readFile(at(`${name}.npy`));
  };
  const usual = await latents("usual");
  expect(await latents("plain", "--plain-prompt")).toEqual(usual);
  expect(await latents("weighed", "--no-plain-prompt")).not.toEqual(usual);
});

test("many pictures from a file: settings of a line come before those of the command line", async () => {
  const lines = [
    '{"prompt": "a red cat", "seed": 7}',
    "",
    '{"id": "x", "prompt": "dogs", "seed": 8, "guidance_scale": 1}',
  ];
  await writeFile(at("list.jsonl"), `${lines.join("\n")}\n`);
  const common = ["--model", tiny, "--prompts", at("list.jsonl"), "--output-dir", at("many"), "--steps", "1"];
  const { code, out, err } = await generate(...common, "--seed", "1");
  expect([code, err]).toEqual([0, ""]);
  expect(out).toBe(`${at("many/0.png")} (seed 7)\n${at("many/1.png")} (seed 8)\n`);
  const [first, second] = await Promise.all(["many/0.png", "many/1.png"].map((name) => readFile(at(name))));
  expect(first).not.toEqual(second);
});

test("a LoRA changes the picture, by its scale", async () => {
  const testing = fileURLToPath(new URL("../workers/testing/", import.meta.url));
  await cp(join(testing, "families/stable-diffusion"), at("model"), { recursive: true });
  await cp(join(testing, "lora"), at("model"), { recursive: true });
  const args = ["--model", at("model"), "--prompt", "a red cat", "--width", "64", "--height", "64", "--steps", "1"];
  const picture = async (...lora: string[]) => {
    const { code, err } = await generate(...args, "--seed", "1", "--output", at("lora.png"), ...lora);
    expect([code, err]).toEqual([0, ""]);
    return readFile(at("lora.png"));
  };
  const file = join(testing, "lora/kohya.safetensors");
  const plain = await picture();
  const whole = await picture("--lora", file);
  expect(whole).not.toEqual(plain);
  expect(await picture("--lora", `${file}:1`)).toEqual(whole);
  expect(await picture("--lora", `${file}:0`)).toEqual(plain);
});

describe("what goes wrong is one line and exit code 2, and no picture", () => {
  async function refused(...args: string[]): Promise<string> {
    const { code, out, err } = await generate("--output", at("none.png"), ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(/^[^\n]+\.\n$/);
    await expect(access(at("none.png"))).rejects.toThrow("ENOENT");
    return err;
  }

  test("a setting out of range", async () => {
    expect(await refused("--model", tiny, "--width", "65")).toMatch(/Width is 65; choose a multiple of \d+ from 32/);
  });

  test("an option that does not exist", async () => {
    expect(await refused("--sede", "7")).toMatch(/'--sede'; there are --/);
  });

  test("a model that does not exist", async () => {
    expect(await refused("--model", at("nowhere"))).toMatch(/no model and no folder ".*nowhere"; check --model/);
  });

  test("a model with a damaged file", async () => {
    await cp(tiny, at("damaged"), { recursive: true });
    const path = at("damaged/unet/model.onnx");
    const bytes = await readFile(path);
    bytes[bytes.length >> 1] ^= 1;
    await writeFile(path, bytes);
    expect(await refused("--model", at("damaged"))).toContain("unet/model.onnx is not the file");
  });

  test("a line of the file that cannot be read: nothing is made of the lines before it", async () => {
    await writeFile(at("bad.jsonl"), '{"prompt": "a cat"}\n{"promt": "a dog"}\n');
    const message = await refused("--model", tiny, "--prompts", at("bad.jsonl"), "--output-dir", at("bad"));
    expect(message).toMatch(/"promt" in line 2 of .* is not a setting/);
    await expect(readdir(at("bad"))).rejects.toThrow("ENOENT");
  });

  test("a folder that cannot be made is said before anything is computed", async () => {
    await writeFile(at("file"), "");
    expect(await refused("--model", tiny, "--latents", at("file/a.npy"))).toMatch(/The folder .*file cannot be made/);
  });
});
