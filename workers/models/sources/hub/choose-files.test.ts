import { describe, expect, test } from "vitest";
import { chooseFiles } from "./choose-files.ts";
import type { Repository } from "./repository.ts";

function repositoryOf(...paths: string[]): Repository {
  return {
    address: { hub: "https://hub.test/", repository: "someone/model", revision: "main" },
    commit: "0".repeat(40),
    license: undefined,
    gated: false,
    files: paths.map((path) => ({ path, content: { algorithm: "sha256", digest: "0".repeat(64), bytes: 10 } })),
    folders: [],
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

  test("weights of a file a tensor, whatever they are called, and in folders of their own", () => {
    const weights = ["unet/onnx__MatMul_2861", "unet/down_blocks.0.resnets.0.conv1.weight", "unet/weights/part.bin"];
    const others = ["unet/README.md", "unet/diffusion_pytorch_model.bin", "unet/diffusion_pytorch_model.safetensors"];
    const graphs = ["unet/model.onnx", "vae_decoder/model.onnx"];
    expect(pathsOf(repositoryOf(...weights, ...others, ...graphs), "float32")).toEqual([...weights, ...graphs]);
  });

  test("the VAE's config where the export has one for both halves", () => {
    const paths = ["vae/config.json", "unet/model.onnx", "vae_decoder/model.onnx"];
    expect(pathsOf(repositoryOf(...paths), "float32")).toEqual(paths);
  });

  test("a decoder in the folder vae, where there is none in vae_decoder", () => {
    const paths = ["unet/model.onnx", "vae/config.json", "vae/model.onnx", "vae/model.onnx_data"];
    const { files, parts } = chooseFiles(repositoryOf(...paths), "float32");
    expect(files.map(({ path }) => path)).toEqual(paths);
    expect(parts[1]).toEqual({ part: "vae_decoder", graph: "vae/model.onnx", precision: "as published" });
    const both = chooseFiles(repositoryOf(...paths, "vae_decoder/model.onnx"), "float32");
    expect(both.parts[1].graph).toBe("vae_decoder/model.onnx");
  });

  test("parts that no pipeline reads yet stay where they are", () => {
    const paths = ["unet/model.onnx", "vae_decoder/model.onnx"];
    expect(pathsOf(repositoryOf(...paths, "controlnet/model.onnx", "prior/model.onnx"), "float32")).toEqual(paths);
  });

  test.each([
    ["float32", ["model_q4", "model_fp16", "model_q4f16", "model"], "model", "float32"],
    ["float32", ["model_q4", "model_fp16", "model_quantized"], "model_fp16", "float16"],
    ["float16", ["model_q4", "model_q4f16", "model_int8", "model"], "model", "as published"],
    ["float16", ["model_q4", "model_bnb4", "model_fp16"], "model_fp16", "float16"],
    ["float16", ["model_q4f16", "model_q4"], "model_q4", "quantized"],
  ] as const)("%s, of %j: %s", (wanted, names, taken, precision) => {
    const graphs = names.map((name) => `unet/${name}.onnx`);
    const { parts } = chooseFiles(repositoryOf(...graphs, "vae_decoder/model.onnx"), wanted);
    expect(parts[0]).toEqual({ part: "unet", graph: `unet/${taken}.onnx`, precision });
  });

  test("a model in a folder of the repository is pointed to", () => {
    const repository = { ...repositoryOf("unet/diffusion_pytorch_model.safetensors"), folders: ["onnx/half"] };
    expect(() => chooseFiles(repository, "float32")).toThrow(
      /; it has some in onnx\/half\/: write someone\/model\/onnx\/half\.$/,
    );
  });

  test("PyTorch weights are no model here: it says what is lacking", () => {
    const torch = repositoryOf("unet/diffusion_pytorch_model.safetensors", "vae_decoder/model.onnx");
    expect(() => chooseFiles(torch, "float32")).toThrow(/someone\/model has no ONNX graph in unet\/ or transformer\/;/);
  });
});
