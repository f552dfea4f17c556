/** Flat and fused web exports against the same weights in the diffusers layout. The folder is made by `python -m training.web_layouts`. */
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { diskFiles } from "../../cli/disk-files.ts";
import { openNodeRuntime } from "../../cli/node-runtime.ts";
import { createEngine } from "../engine.ts";
import { EngineError } from "../errors.ts";
import type { GenerateResult, ModelInfo, Settings } from "../protocol.ts";
import type { ModelFiles } from "./model-files.ts";

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
  expect(flat.result.picture.rgba).toEqual(usual.result.picture.rgba);
  expect(flat.info).toMatchObject({
    tasks: ["text-to-image"],
    minSize: 64,
    maxSize: 64,
    vaeScaleFactor: 4,
    latentChannels: 4,
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
  await expect(without("vae_decoder/config")).rejects.toMatchObject({ message: /lacks scaling_factor/ });

  const operators = await readFile(`${folderOf("layouts/operators")}model.onnx`);
  const files = diskFiles(folder);
  const broken: ModelFiles = {
    read: async (path, options) =>
      path === "text_encoder/model.onnx" ? new Uint8Array(operators) : files.read(path, options),
  };
  await expect(make(broken, {})).rejects.toThrow("text_encoder/model.onnx needs the operator SkipGroupNorm");
});
