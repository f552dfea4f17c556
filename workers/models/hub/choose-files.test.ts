import { describe, expect, test } from "vitest";
import { chooseFiles } from "./choose-files.ts";
import type { Repository } from "./repository.ts";

function repositoryOf(...paths: string[]): Repository {
  return {
    address: { hub: "https://hub.test/", repository: "someone/model", revision: "main" },
    commit: "0".repeat(40),
    license: undefined,
    licenseUrl: undefined,
    gated: false,
    files: paths.map((path) => ({ path, content: { algorithm: "sha256", digest: "0".repeat(64), bytes: 10 } })),
  };
}

const both = repositoryOf(
  "model_index.json",
  "README.md",
  "picture.png",
  "scheduler/scheduler_config.json",
  "tokenizer/vocab.json",
  "tokenizer/merges.txt",
  "safety_checker/model.onnx",
  "unet/config.json",
  "unet/model.onnx",
  "unet/model.onnx_data",
  "unet/model_fp16.onnx",
  "unet/model_fp16.onnx_data",
  "vae_decoder/model.onnx",
);
const pathsOf = (...choice: Parameters<typeof chooseFiles>) => chooseFiles(...choice).files.map(({ path }) => path);
const small = [
  "model_index.json",
  "scheduler/scheduler_config.json",
  "tokenizer/vocab.json",
  "tokenizer/merges.txt",
  "unet/config.json",
];

describe("the files of a repository that are needed", () => {
  test("single precision, with its own weights only", () => {
    expect(pathsOf(both, "float32")).toEqual([
      ...small,
      "unet/model.onnx",
      "unet/model.onnx_data",
      "vae_decoder/model.onnx",
    ]);
  });

  test("half precision where there is one", () => {
    const chosen = chooseFiles(both, "float16");
    expect(chosen.files.map(({ path }) => path)).toEqual([
      ...small,
      "unet/model_fp16.onnx",
      "unet/model_fp16.onnx_data",
      "vae_decoder/model.onnx",
    ]);
    expect(chosen.parts).toEqual([
      { part: "unet", graph: "unet/model_fp16.onnx", precision: "float16" },
      { part: "vae_decoder", graph: "vae_decoder/model.onnx", precision: "as published" },
    ]);
    expect(chosen.bytes).toBe(80);
  });

  test("weights under a name of their own", () => {
    const paths = ["unet/model.onnx", "unet/weights.pb", "vae_decoder/model.onnx"];
    expect(pathsOf(repositoryOf(...paths), "float32")).toEqual(paths);
  });

  test("PyTorch weights are no model here: it says what is lacking", () => {
    const torch = repositoryOf("unet/diffusion_pytorch_model.safetensors", "vae_decoder/model.onnx");
    expect(() => chooseFiles(torch, "float32")).toThrow(/someone\/model has no ONNX graph in unet\/ or transformer\/;/);
  });
});
