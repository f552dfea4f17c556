/** Flat and fused web exports against the same weights in the diffusers layout. The folder is made by `python -m training.reference.web_layouts`. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../engine.ts";
import { EngineError } from "../errors.ts";
import type { GenerateResult, ModelInfo, Settings } from "../protocol.ts";
import { interfaceOnly, message } from "../testing/onnx-builder.ts";
import { type Message, readMessage } from "./formats/protobuf.ts";
import { integerField, replaceMessages } from "./formats/protobuf-write.ts";
import { inMemory } from "./formats/weight-file.ts";
import type { ModelFiles } from "./sources/model-files.ts";

const folderOf = (path: string) => fileURLToPath(new URL(`../testing/${path}/`, import.meta.url));
const ignore = () => {};

interface Made {
  info: ModelInfo;
  result: GenerateResult;
}

async function make(files: ModelFiles, asked: Partial<Settings>): Promise<Made> {
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
  const info = await engine.load({ id: "model", url: "file:///model/" }, "cpu", ignore);
  const settings = { ...info.defaults, prompt: "a small red cat", seed: 7, steps: 2, width: 64, height: 64, ...asked };
  return { info, result: await engine.generate({ settings }, ignore) };
}

/** A folder whose files are called otherwise, or are not there at all. */
function renamed(
  folder: string,
  names: Record<string, string>,
  isLeft: (path: string) => boolean = () => true,
): ModelFiles {
  const files = diskFiles(folder);
  const list = async () => {
    const all = (await files.list?.()) ?? [];
    return all.filter((path) => Object.values(names).includes(path) || isLeft(path)).map((path) => keyOf(path) ?? path);
  };
  const keyOf = (path: string) => Object.keys(names).find((key) => names[key] === path);
  const place = async (path: string) => {
    if (!(await list()).includes(path)) throw new EngineError("ModelFileMissing", `${path} is not there.`);
    return names[path] ?? path;
  };
  return {
    list,
    read: async (path, options) => files.read(await place(path), options),
    blob: async (path) => (files.blob as NonNullable<ModelFiles["blob"]>)(await place(path)),
  };
}

/** A graph with the second axis of an input made a number. */
async function fixAxis(
  bytes: Uint8Array<ArrayBuffer>,
  input: string,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const values = { 1: "text", 2: { 1: { 2: { 1: {} } } } } as const;
  const model = await readMessage(inMemory(bytes), { 7: { 11: values } }, () => new Error("not a graph"));
  const found = model
    .message(7)
    ?.messages(11)
    .find((one) => one.text(1) === input);
  const axis = found?.message(2)?.message(1)?.message(2)?.messages(1)[1] as Message;
  const fixed = Uint8Array.from(message(1, integerField(1, length)));
  return replaceMessages(inMemory(bytes), new Map([[axis, fixed]]));
}

function difference(a: GenerateResult, b: GenerateResult): number {
  const largest = b.latents.data.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  return a.latents.data.reduce((most, value, i) => Math.max(most, Math.abs(value - b.latents.data[i])), 0) / largest;
}

test.each([
  ["both branches in the two rows", { guidanceScale: 5, negativePrompt: "two blue dogs" }],
  ["one branch, the second row cut off", { guidanceScale: 1 }],
])("a flat web export with two fixed rows, int32 ids and a timestep a row: %s", async (_, asked) => {
  const sampler = { sampler: "ddim" }; // whole timesteps, which an int64 input holds
  const flat = await make(diskFiles(folderOf("layouts/flat")), { ...asked, ...sampler });
  const usual = await make(diskFiles(folderOf("families/stable-diffusion")), { ...asked, ...sampler });
  expect(difference(flat.result, usual.result)).toBeLessThan(1e-5);
  expect(flat.result.output).toEqual(usual.result.output);
  expect(flat.info).toMatchObject({
    pipelines: [{ id: "text-to-image" }],
    minSize: 64,
    maxSize: 64,
  });
});

test("a flat SDXL export: which encoder is which, and what no config says", async () => {
  const folder = folderOf("families/stable-diffusion-xl");
  const names = {
    "text_encoder_model_q4f16.onnx": "text_encoder/model.onnx",
    "text_encoder_2_model_q4f16.onnx": "text_encoder_2/model.onnx",
    "unet_model_q4f16.onnx": "unet/model.onnx",
    "vae_decoder_model_q4f16.onnx": "vae_decoder/model.onnx",
    "vae/config.json": "vae_decoder/config.json",
  };
  const asked = { guidanceScale: 5, negativePrompt: "two blue dogs" };
  const isLeft = (path: string) => /tokenizer|scheduler/.test(path);
  const flat = await make(renamed(folder, names, isLeft), asked);
  const usual = await make(diskFiles(folder), asked);
  expect(difference(flat.result, usual.result)).toBeLessThan(1e-6);
  expect(flat.info.sizeMultiple).toBe(usual.info.sizeMultiple);
});

test("a graph with a name of its own in the part's folder", async () => {
  const folder = folderOf("families/stable-diffusion-2-half");
  const names = { "unet/model_layernorm.onnx": "unet/model.onnx" };
  const isLeft = (path: string) => path !== "unet/model.onnx";
  const named = await make(renamed(folder, names, isLeft), {});
  expect(difference(named.result, (await make(diskFiles(folder), {})).result)).toBe(0);
});

/** A folder with the text of one file changed. */
function changed(folder: string, path: string, change: (text: string) => string): ModelFiles {
  const files = diskFiles(folder);
  return {
    ...files,
    async read(asked, options) {
      const bytes = await files.read(asked, options);
      if (asked !== path) return bytes;
      return new TextEncoder().encode(change(new TextDecoder().decode(bytes))) as Uint8Array<ArrayBuffer>;
    },
  };
}

test("numbers that only Python's JSON has: as diffusers saves DPM-Solver's config, and where they count", async () => {
  const folder = folderOf("families/stable-diffusion");
  const config = (fields: string) =>
    changed(folder, "scheduler/scheduler_config.json", (text) => text.replace("{", `{${fields},`));
  const asked = { sampler: "dpmpp-2m", steps: 4 };
  const usual = await make(diskFiles(folder), asked);
  const saved = await make(config('"lambda_min_clipped": -Infinity'), asked);
  expect(difference(saved.result, usual.result)).toBe(0);
  // A number that cuts off the noisiest timesteps, and so a picture that differs.
  expect(difference((await make(config('"lambda_min_clipped": -1.0'), asked)).result, usual.result)).toBeGreaterThan(
    0.01,
  );
});

test.each([
  ["unet/config.json", /unet\/config\.json says "4" for "in_channels", where/],
  ["vae_decoder/config.json", /vae_decoder\/config\.json says "4" for "latent_channels", where/],
])("a config with a text for a number: %s", async (path, message) => {
  const files = changed(folderOf("families/stable-diffusion"), path, (text) =>
    text.replace(/"(in_channels|latent_channels)": \d+/g, '"$1": "4"'),
  );
  await expect(make(files, {})).rejects.toMatchObject({ name: "ModelFileCorrupt", message });
});

/** A folder of these files alone. */
function made(contents: Record<string, Uint8Array<ArrayBuffer> | string>): ModelFiles {
  return {
    list: async () => Object.keys(contents),
    async read(path) {
      const content = contents[path];
      if (content === undefined) throw new EngineError("ModelFileMissing", `${path} is not there.`);
      return typeof content === "string" ? (new TextEncoder().encode(content) as Uint8Array<ArrayBuffer>) : content;
    },
  };
}

const text = { encoder_hidden_states: ["batch", "sequence", 768], timestep: ["batch"] };
const noise = { sample: ["batch", 4, "height", "width"] };
const backbone = { out_sample: ["batch", 4, "height", "width"] };
const decoder = interfaceOnly({ latent_sample: ["batch", 4, "height", "width"] }, { sample: ["batch", 3, "h", "w"] });

test.each([
  [
    "Flux",
    "transformer",
    { hidden_states: ["batch", "patches", 64], img_ids: ["patches", 3], txt_ids: ["tokens", 3], ...text },
    /^transformer\/model\.onnx takes latents packed into patches .* as Flux does, .*; choose an export of/,
  ],
  [
    "AnimateDiff",
    "unet",
    { sample: ["batch", "frames", 4, "height", "width"], ...text },
    /^unet\/model\.onnx takes frames .* as AnimateDiff does, .*; choose a text-to-image model/,
  ],
  [
    "Kandinsky 2",
    "unet",
    { ...noise, timestep: ["batch"], image_embeds: ["batch", 1280] },
    /^unet\/model\.onnx is conditioned on the image embeddings of a prior, as Kandinsky 2 is, .*; choose a model/,
  ],
  [
    "a ControlNet as the U-Net",
    "unet",
    { ...noise, ...text, controlnet_cond: ["batch", 3, "h", "w"] },
    /^unet\/model\.onnx is a ControlNet, .*; choose the folder of a whole model/,
  ],
])("%s is told what stands in the way", async (_, part, inputs, sentence) => {
  const index = { [part]: ["diffusers", "Model"], vae: ["diffusers", "AutoencoderKL"] };
  const files = made({
    "model_index.json": JSON.stringify(index),
    "scheduler/scheduler_config.json": "{}",
    [`${part}/model.onnx`]: interfaceOnly(inputs, backbone),
    "vae_decoder/model.onnx": decoder,
  });
  await expect(make(files, {})).rejects.toMatchObject({ name: "ModelUnsupported", message: sentence });
});

test("a ControlNet alone, and one beside the U-Net that it steers", async () => {
  const controlNet = interfaceOnly(
    { ...noise, ...text, controlnet_cond: ["batch", 3, "h", "w"] },
    { down_block_res_samples: ["batch", 320, "h", "w"], mid_block_res_sample: ["batch", 1280, "h", "w"] },
  );
  const alone = made({ "config.json": "{}", "model.onnx": controlNet });
  await expect(make(alone, {})).rejects.toThrow("model.onnx is a ControlNet, which steers another model");

  const folder = folderOf("families/stable-diffusion");
  const disk = diskFiles(folder);
  const beside: ModelFiles = {
    list: async () => ["a.onnx", ...((await disk.list?.()) ?? [])].filter((path) => path !== "model_index.json"),
    read: async (path, options) => (path === "a.onnx" ? controlNet : disk.read(path, options)),
  };
  expect(difference((await make(beside, {})).result, (await make(disk, {})).result)).toBe(0);
});

test("graphs that were exported for one length of text say so", async () => {
  const folder = folderOf("families/stable-diffusion");
  const prompt = Array.from({ length: 40 }, () => "cat").join(" ");
  const withText = async (part: string, input: string, length: number): Promise<ModelFiles> => {
    const fixed = await fixAxis(new Uint8Array(await readFile(`${folder}${part}/model.onnx`)), input, length);
    const disk = diskFiles(folder);
    return { read: async (path, options) => (path === `${part}/model.onnx` ? fixed : disk.read(path, options)) };
  };
  const unet = await withText("unet", "encoder_hidden_states", 20);
  expect((await make(unet, {})).result.reading.prompt.chunks).toBe(1);
  await expect(make(unet, { prompt })).rejects.toThrow(
    /^unet\/model\.onnx was exported for texts of 20 tokens alone, and this text takes 60; shorten the prompt/,
  );
  await expect(make(await withText("text_encoder", "input_ids", 16), {})).rejects.toThrow(
    /^text_encoder\/model\.onnx was exported for texts of 16 tokens alone, and the model's tokenizer makes 20; choose/,
  );
});

describe("a VAE whose config does not state scaling_factor", () => {
  const folder = folderOf("families/stable-diffusion");
  const config = "vae_decoder/config.json";
  const isLeft = (path: string) => path !== config;
  const replaced = (fields: object) =>
    changed(folder, config, (text) => JSON.stringify({ ...JSON.parse(text), scaling_factor: undefined, ...fields }));
  const asked = { sampler: "ddim" };

  test("is scaled as AutoencoderKL is by default, which the model says", async () => {
    const stated = await make(replaced({ scaling_factor: 0.18215 }), asked);
    expect(stated.info.notices).toBeUndefined();
    const byDefault = await make(replaced({}), asked);
    expect(byDefault.result.output.picture).toEqual(stated.result.output.picture);
    expect(byDefault.info.notices).toEqual([
      "vae_decoder/config.json does not state scaling_factor; latents are scaled by 0.18215, the default of AutoencoderKL.",
    ]);
    const absent = await make(renamed(folder, {}, isLeft), asked);
    expect(absent.result.output.picture).toEqual(stated.result.output.picture);
    expect(absent.info.notices).toEqual([
      "The model has no vae_decoder/config.json; latents are scaled by 0.18215, the default of AutoencoderKL.",
    ]);
  });

  test("and as its own class is, where it names one", async () => {
    const stated = await make(replaced({ scaling_factor: 1 }), asked);
    const tiny = await make(replaced({ _class_name: "AutoencoderTiny" }), asked);
    expect(tiny.result.output.picture).toEqual(stated.result.output.picture);
  });

  test("and is refused where the class says nothing of it", async () => {
    await expect(make(replaced({ _class_name: "AutoencoderOther" }), asked)).rejects.toThrow(/lacks scaling_factor/);
    const xl = renamed(folderOf("families/stable-diffusion-xl"), {}, isLeft);
    await expect(make(xl, asked)).rejects.toThrow(/lacks scaling_factor/);
  });
});

test("of several graphs of a part the quantized ones come last", async () => {
  const folder = folderOf("families/stable-diffusion");
  const names = { "unet/model_q4.onnx": "unet/config.json", "unet/model_fp16.onnx": "unet/model.onnx" };
  const named = renamed(folder, names, (path) => path !== "unet/model.onnx" && path !== "unet/config.json");
  expect(difference((await make(named, {})).result, (await make(diskFiles(folder), {})).result)).toBe(0);
});

test("what is not there and what cannot run is named", async () => {
  const folder = folderOf("families/stable-diffusion");
  const without = (path: string) =>
    make(
      renamed(folder, {}, (one) => !one.startsWith(path)),
      {},
    );
  await expect(without("vae_decoder/model")).rejects.toMatchObject({ message: /none is a VAE's decoder/ });
  await expect(without("unet/")).rejects.toMatchObject({ message: /none is a U-Net or a transformer/ });
  const asTrained = renamed(
    folder,
    { "unet/config.json": "unet/diffusion_pytorch_model.safetensors" },
    (one) => !one.includes(".onnx"),
  );
  await expect(make(asTrained, {})).rejects.toMatchObject({ message: /PyTorch weights and no ONNX graph; export it/ });

  const operators = await readFile(`${folderOf("layouts/operators")}model.onnx`);
  const files = diskFiles(folder);
  const broken: ModelFiles = {
    read: async (path, options) =>
      path === "text_encoder/model.onnx" ? new Uint8Array(operators) : files.read(path, options),
  };
  await expect(make(broken, {})).rejects.toThrow("text_encoder/model.onnx needs the operator SkipGroupNorm");
});

test.each([
  ["stable-diffusion-3", "text_encoder_3", "T5EncoderModel"],
  ["stable-diffusion-xl", "text_encoder_2", "CLIPTextModelWithProjection"],
])("%s: %s, which model_index.json names and which is not there, is missed by name", async (family, part, kind) => {
  const files = renamed(folderOf(`families/${family}`), {}, (path) => !path.startsWith(`${part}/`));
  const engine = createEngine({ openRuntime: openNodeRuntime, openFiles: () => files });
  await expect(engine.load({ id: "model", url: "file:///model/" }, "cpu", ignore)).rejects.toMatchObject({
    name: "ModelFileMissing",
    message: expect.stringContaining(
      `model_index.json names ${part} (${kind}), and the folder has no ${part}/model.onnx`,
    ),
  });
});

test("Stable Diffusion 3 goes without T5 where model_index.json says null", async () => {
  const files = renamed(folderOf("families/stable-diffusion-3"), {}, (path) => !path.startsWith("text_encoder_3/"));
  const without: ModelFiles = {
    ...files,
    async read(path, options) {
      const bytes = await files.read(path, options);
      if (path !== "model_index.json") return bytes;
      const index = { ...JSON.parse(new TextDecoder().decode(bytes)), text_encoder_3: [null, null] };
      return new TextEncoder().encode(JSON.stringify(index)) as Uint8Array<ArrayBuffer>;
    },
  };
  const { result } = await make(without, {});
  expect(result.latents.data.every(Number.isFinite)).toBe(true);
});
