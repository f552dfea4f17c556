/** LoRAs merged at load against diffusers' load_lora_weights and fuse_lora: the numbers of `python -m training.golden_lora`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../engine.ts";
import type { LoraFile } from "../protocol.ts";
import { readSafetensors } from "./formats/safetensors.ts";
import type { ModelFiles } from "./model-files.ts";

const folder = new URL("../testing/lora/", import.meta.url);
const own = diskFiles(fileURLToPath(folder));
const base = diskFiles(fileURLToPath(new URL("../families/stable-diffusion/", folder)));
const golden = JSON.parse(readFileSync(new URL("golden.json", folder), "utf8")) as {
  prompt: string;
  seed: number;
  steps: number;
  guidanceScale: number;
  scale: number;
  runs: { files: string[]; latents: string }[];
};

/** The graphs that keep the layers' names; the rest is the family's. */
const named: ModelFiles = {
  read: (path, options) => (path.endsWith(".onnx") ? graphs(path) : base).read(path, options),
  blob: (path) => (graphs(path).blob as NonNullable<ModelFiles["blob"]>)(path),
};
const graphs = (path: string) => (/^(unet|text_encoder)\//.test(path) ? own : base);

const bytesOf = (name: string) => new Uint8Array(readFileSync(new URL(`${name}.safetensors`, folder)));
const loraOf = (name: string, scale = golden.scale): LoraFile => ({
  name: `${name}.safetensors`,
  scale,
  file: new Blob([bytesOf(name)]),
});

async function latentsWith(files: ModelFiles, loras: LoraFile[]): Promise<Float32Array> {
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
  const info = await engine.load({ id: "model", url: "file:///model/", loras }, "cpu", () => {});
  const { prompt, seed, steps, guidanceScale } = golden;
  const settings = { ...info.defaults, prompt, seed, steps, guidanceScale, width: 64, height: 64 };
  return (await engine.generate({ settings }, () => {})).latents.data;
}

test.each(golden.runs)("$files", async ({ files, latents }) => {
  const expected = new Float32Array(Uint8Array.from(Buffer.from(latents, "base64")).buffer);
  const actual = await latentsWith(
    named,
    files.map((name) => loraOf(name)),
  );
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const worst = actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0);
  expect(worst / largest).toBeLessThan(1e-4);
});

test("a scale of 0 changes nothing", async () => {
  expect(await latentsWith(named, [loraOf("kohya", 0)])).toEqual(await latentsWith(named, []));
});

test("an export that lost its layers' names is a clear no", async () => {
  const nameless = createEngine({ openRuntime: openNodeRuntime, openFiles: () => base });
  const loading = nameless.load({ id: "m", url: "file:///m/", loras: [loraOf("kohya")] }, "cpu", () => {});
  await expect(loading).rejects.toMatchObject({
    name: "ModelUnsupported",
    message: expect.stringMatching(/^kohya\.safetensors cannot be merged: \d of its 7 layers are not found by name/),
  });
});

test("the model says what was merged, with the hash that AUTOMATIC1111 gives the file", async () => {
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => named });
  const { loras } = await engine.load({ id: "m", url: "file:///m/", loras: [loraOf("kohya", 0.5)] }, "cpu", () => {});
  const bytes = Buffer.from(bytesOf("kohya"));
  const content = bytes.subarray(8 + Number(bytes.readBigUInt64LE()));
  const hash = createHash("sha256").update(content).digest("hex").slice(0, 12);
  expect(loras).toEqual([{ name: "kohya.safetensors", scale: 0.5, hash }]);
});

test("one for another kind of model: the first layer that does not fit, both sizes, and the kind", async () => {
  const path = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
  const file = new Blob([
    safetensors({ [`${path}.lora_down.weight`]: [2, 2048], [`${path}.lora_up.weight`]: [320, 2] }),
  ]);
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => named });
  const loras = [{ name: "large.safetensors", scale: 1, file }];
  await expect(engine.load({ id: "m", url: "file:///m/", loras }, "cpu", () => {})).rejects.toMatchObject({
    name: "ModelUnsupported",
    message: expect.stringMatching(
      /^large\.safetensors cannot be used: unet: down_blocks_0_\w+ is made for 320 x 2048 weights and the model's layer is \d+ x \d+; it is made for Stable Diffusion XL; choose/,
    ),
  });
});

/** A file of zeros. */
function safetensors(shapes: Record<string, number[]>): Uint8Array<ArrayBuffer> {
  let at = 0;
  const entries = Object.entries(shapes).map(([name, shape]) => {
    const bytes = shape.reduce((product, size) => product * size, 4);
    at += bytes;
    return [name, { dtype: "F32", shape, data_offsets: [at - bytes, at] }];
  });
  const header = new TextEncoder().encode(JSON.stringify(Object.fromEntries(entries)));
  const file = new Uint8Array(8 + header.length + at);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, 8);
  return file;
}

describe("safetensors", () => {
  test.each([
    ["cut short", bytesOf("kohya").subarray(0, 2000)],
    ["no header", new Uint8Array(64)],
    ["too long a header", new Uint8Array(9).fill(255)],
  ])("%s is refused", (_, bytes) => {
    expect(() => readSafetensors("x.safetensors", bytes.slice())).toThrow(/^x\.safetensors is no safetensors file/);
  });

  test("bfloat16 and float16", () => {
    const header = JSON.stringify({
      a: { dtype: "BF16", shape: [2], data_offsets: [0, 4] },
      b: { dtype: "F16", shape: [1], data_offsets: [4, 6] },
    });
    const text = new TextEncoder().encode(header);
    const bytes = new Uint8Array(8 + text.length + 6);
    new DataView(bytes.buffer).setUint32(0, text.length, true);
    bytes.set(text, 8);
    bytes.set([0x80, 0x3f, 0x00, 0xc0, 0x00, 0x3e], 8 + text.length);
    const tensors = readSafetensors("x", bytes);
    expect([...(tensors.get("a")?.data ?? [])]).toEqual([1, -2]);
    expect([...(tensors.get("b")?.data ?? [])]).toEqual([1.5]);
  });
});
