/** LoRAs merged at load against diffusers' load_lora_weights and fuse_lora: the numbers of `python -m training.reference.golden_lora`. */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskFiles } from "../../../cli/disk-files.ts";
import { openNodeRuntime } from "../../../cli/node-runtime.ts";
import { createEngine } from "../../engine.ts";
import type { LoraFile } from "../../protocol.ts";
import { readSafetensors } from "../formats/safetensors.ts";
import type { ModelFiles } from "../sources/model-files.ts";

const testing = new URL("../../testing/", import.meta.url);

interface Golden {
  prompt: string;
  seed: number;
  steps: number;
  guidanceScale: number;
  scale: number;
  runs: { files: string[]; latents: string }[];
}
const goldenIn = (folder: string): Golden =>
  JSON.parse(readFileSync(new URL(`${folder}/golden.json`, testing), "utf8"));
const golden = goldenIn("lora");

/** The graphs that keep the layers' names; the rest is the family's. */
function withNames(folder: string, family: string, parts: readonly string[]): ModelFiles {
  const own = diskFiles(fileURLToPath(new URL(`${folder}/`, testing)));
  const base = diskFiles(fileURLToPath(new URL(`families/${family}/`, testing)));
  const graphs = (path: string) => (parts.some((part) => path.startsWith(`${part}/`)) ? own : base);
  return {
    read: (path, options) => (path.endsWith(".onnx") ? graphs(path) : base).read(path, options),
    blob: (path) => (graphs(path).blob as NonNullable<ModelFiles["blob"]>)(path),
  };
}
const named = withNames("lora", "stable-diffusion", ["unet", "text_encoder"]);
const namedXl = withNames("lora-xl", "stable-diffusion-xl", ["unet"]);
const base = diskFiles(fileURLToPath(new URL("families/stable-diffusion/", testing)));

const bytesOf = (name: string, folder = "lora") =>
  new Uint8Array(readFileSync(new URL(`${folder}/${name}.safetensors`, testing)));
const loraOf = (name: string, scale = golden.scale, folder = "lora"): LoraFile => ({
  name: `${name}.safetensors`,
  scale,
  file: new Blob([bytesOf(name, folder)]),
});

async function drawn(files: ModelFiles, loras: LoraFile[], { prompt, seed, steps, guidanceScale } = golden) {
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
  const info = await engine.load({ id: "model", url: "file:///model/", loras }, "cpu", () => {});
  const settings = { ...info.defaults, prompt, seed, steps, guidanceScale, width: 64, height: 64 };
  return { info, latents: (await engine.generate({ settings }, () => {})).latents.data };
}
const latentsWith = async (...args: Parameters<typeof drawn>) => (await drawn(...args)).latents;

function deviation(actual: Float32Array, latents: string): number {
  const expected = new Float32Array(Uint8Array.from(Buffer.from(latents, "base64")).buffer);
  const largest = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return actual.reduce((most, value, i) => Math.max(most, Math.abs(value - expected[i])), 0) / largest;
}

test.each(golden.runs)("$files", async ({ files, latents }) => {
  const loras = files.map((name) => loraOf(name));
  expect(deviation(await latentsWith(named, loras), latents)).toBeLessThan(1e-4);
});

test.each(goldenIn("lora-xl").runs)("Stable Diffusion XL, the original implementation's names: $files", async (run) => {
  const { files, latents } = run;
  const loras = files.map((name) => loraOf(name, golden.scale, "lora-xl"));
  expect(deviation(await latentsWith(namedXl, loras, goldenIn("lora-xl")), latents)).toBeLessThan(1e-4);
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

type Numbers = { dtype: string; shape: number[]; bytes: Uint8Array };
/** @param values zeros when absent */
function floats(shape: number[], values?: ArrayLike<number>): Numbers {
  const count = shape.reduce((product, size) => product * size, 1);
  return { dtype: "F32", shape, bytes: new Uint8Array(Float32Array.from(values ?? new Float32Array(count)).buffer) };
}

function safetensors(
  tensors: Record<string, Numbers | number[]>,
  metadata?: Record<string, string>,
): Uint8Array<ArrayBuffer> {
  const all = Object.entries(tensors).map(([name, one]) => [name, Array.isArray(one) ? floats(one) : one] as const);
  let at = 0;
  const entries = all.map(([name, { dtype, shape, bytes }]) => {
    at += bytes.length;
    return [name, { dtype, shape, data_offsets: [at - bytes.length, at] }];
  });
  const about = metadata ? { __metadata__: metadata } : {};
  const header = new TextEncoder().encode(JSON.stringify({ ...about, ...Object.fromEntries(entries) }));
  const file = new Uint8Array(8 + header.length + at);
  new DataView(file.buffer).setUint32(0, header.length, true);
  file.set(header, 8);
  let place = 8 + header.length;
  for (const [, { bytes }] of all) {
    file.set(bytes, place);
    place += bytes.length;
  }
  return file;
}

const CROSS = "lora_unet_down_blocks_0_attentions_0_transformer_blocks_0_attn2_to_k";
const TURNED = { [`${CROSS}.lora_down.weight`]: [2, 8], [`${CROSS}.lora_up.weight`]: [16, 2] };

describe("the forms that files come in", () => {
  const { tensors } = readSafetensors("kohya", bytesOf("kohya"));
  /** kohya.safetensors with its tensors changed, put aside or added to. */
  function remade(
    change: (name: string, tensor: Numbers) => Record<string, Numbers>,
    more: Record<string, Numbers> = {},
    metadata?: Record<string, string>,
  ): LoraFile {
    const all: Record<string, Numbers> = { ...more };
    for (const [name, { data, dims }] of tensors) Object.assign(all, change(name, floats([...dims], data)));
    const file = new Blob([safetensors(all, metadata)]);
    return { name: "other.safetensors", scale: golden.scale, file };
  }
  const kept = (name: string, tensor: Numbers) => ({ [name]: tensor });
  const [, usual] = golden.runs;

  test.each([
    ["F64", new Uint8Array(Float64Array.of(2).buffer)],
    ["I64", new Uint8Array(BigInt64Array.of(2n).buffer)],
    ["I32", new Uint8Array(Int32Array.of(2).buffer)],
    ["F16", Uint8Array.of(0x00, 0x40)],
    ["BF16", Uint8Array.of(0x00, 0x40)],
    ["F8_E4M3", Uint8Array.of(0x40)],
    ["F8_E5M2", Uint8Array.of(0x40)],
  ])("alpha as %s", async (dtype, bytes) => {
    const lora = remade((name, tensor) => kept(name, name.endsWith(".alpha") ? { dtype, shape: [], bytes } : tensor));
    expect(deviation(await latentsWith(named, [lora]), usual.latents)).toBeLessThan(1e-4);
  });

  test("alpha in the settings of kohya's training alone, which the model says", async () => {
    const lora = remade(
      (name, tensor) => (name.endsWith(".alpha") ? {} : kept(name, tensor)),
      {},
      { ss_network_alpha: "2.0" },
    );
    const { info, latents } = await drawn(named, [lora]);
    expect(deviation(latents, usual.latents)).toBeLessThan(1e-4);
    expect(info.notices).toEqual([
      expect.stringMatching(/^other\.safetensors: its layers state no alpha, so the 2 that/),
    ]);
  });

  test("PEFT's prefix: as without it, and that the file does not say alpha", async () => {
    const prefixed = remade((name, tensor) => {
      const path = [...(/^lora_unet_(.+)\.lora_(down|up)\.weight$/.exec(name) ?? [])];
      const dotted = path[1]?.replace(
        /_(?=\d|attn|resnets|attentions|transformer|conv\d|to_|ff|net|proj(?!_)|time)/g,
        ".",
      );
      return dotted ? { [`base_model.model.${dotted}.lora_${path[2] === "down" ? "A" : "B"}.weight`]: tensor } : {};
    });
    const plain = remade((name, tensor) => (name.endsWith(".alpha") ? {} : kept(name, tensor)));
    const { info, latents } = await drawn(named, [prefixed]);
    expect(latents).toEqual(await latentsWith(named, [plain]));
    expect(info.notices).toEqual([expect.stringMatching(/PEFT keeps alpha in adapter_config\.json/)]);
  });

  test("what is odd in a file is named, and the rest applied", async () => {
    const odd = {
      "lora_unet_gone.alpha": floats([], [1]),
      "bundle_emb.word.string_to_param.*": floats([1, 16]),
      "lora_unet_half.lora_down.weight": floats([3, 8]),
      "lora_unet_other_layer.lora_down.weight": floats([3, 8]),
      "lora_unet_other_layer.lora_up.weight": floats([8, 3]),
      "lora_unet_packed.lora_down.weight": { dtype: "F4", shape: [2], bytes: new Uint8Array(1) },
    };
    const { info, latents } = await drawn(named, [remade(kept, odd)]);
    expect(deviation(latents, usual.latents)).toBeLessThan(1e-4);
    expect(info.notices).toEqual([
      "other.safetensors: 4 tensors (lora_unet_packed.lora_down.weight, bundle_emb.word.string_to_param.*, lora_unet_gone.alpha, ...) are not part of a layer's difference and left out.",
      "other.safetensors: 1 layer (unet: other_layer) of 8 is not in this model and left out.",
    ]);
  });

  test("the original implementation's names beside diffusers' are left out, as diffusers does", async () => {
    const original = "lora_unet_input_blocks_1_0_in_layers_2";
    const more = {
      [`${original}.lora_down.weight`]: floats([3, 8, 3, 3], new Float32Array(216).fill(1)),
      [`${original}.lora_up.weight`]: floats([8, 3, 1, 1], new Float32Array(24).fill(1)),
    };
    const { info, latents } = await drawn(named, [remade(kept, more)]);
    expect(deviation(latents, usual.latents)).toBeLessThan(1e-4);
    expect(info.notices).toEqual([expect.stringMatching(/^other\.safetensors: 2 tensors \(.*are not part/)]);
  });

  test.each([
    [
      "nothing that is a LoRA's",
      { "text.weight": [2, 2] },
      /none of its tensors makes up a layer .* \("text\.weight", for one\)/,
    ],
    ["nothing", {}, /^other cannot be used: it is empty/],
    ["a layer turned round", TURNED, /is made for 16 x 8 weights and the model's layer is 8 x 16/],
  ])("%s is refused", async (_, contents, message) => {
    const file = new Blob([safetensors(contents)]);
    await expect(drawn(named, [{ name: "other", scale: 1, file }])).rejects.toMatchObject({
      name: "ModelUnsupported",
      message: expect.stringMatching(message),
    });
  });
});

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
    const { tensors } = readSafetensors("x", bytes);
    expect([...(tensors.get("a")?.data ?? [])]).toEqual([1, -2]);
    expect([...(tensors.get("b")?.data ?? [])]).toEqual([1.5]);
  });
});
