/** A folder in the diffusers layout becomes a model that pipelines can use. */
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import { type Manifest, type ModelFiles, parseJson, readChecked, readManifest } from "./model-files.ts";
import type { Network, NetworkFactory } from "./network.ts";
import { createTextEncoder, type TextEncoder } from "./text-encoder.ts";
import { clipTokenizerJson, createTokenizer, type Tokenizer, type TokenizerFiles } from "./tokenizer.ts";
import { createUnet, type Unet, type UnetConfig } from "./unet.ts";
import { createVaeDecoder, type VaeConfig, type VaeDecoder } from "./vae.ts";

export interface Model {
  readonly id: string;
  readonly manifest: Manifest;
  /** scheduler/scheduler_config.json as it is */
  readonly schedulerConfig: object;
  readonly tokenizer: Tokenizer;
  readonly textEncoder: TextEncoder;
  readonly unet: Unet;
  readonly vae: VaeDecoder;
  release(): Promise<void>;
}

const PARTS = ["text_encoder", "unet", "vae_decoder"] as const;

/** @throws EngineError ModelFileMissing, ModelFileCorrupt, ModelUnsupported, NetworkFailed, OutOfMemory */
export async function loadModel(
  id: string,
  files: ModelFiles,
  createNetwork: NetworkFactory,
  onProgress: (progress: LoadProgress) => void,
): Promise<Model> {
  const manifest = await readManifest(files);
  const graphs = PARTS.map((part) => `${part}/model.onnx`);
  const configs = [
    "scheduler/scheduler_config.json",
    "text_encoder/config.json",
    "unet/config.json",
    "vae_decoder/config.json",
    ...Object.keys(manifest.files).filter((path) => path.startsWith("tokenizer/")),
  ];
  const wanted = [...configs, ...graphs];
  const totalBytes = wanted.reduce((sum, path) => sum + (manifest.files[path]?.bytes ?? 0), 0);
  let doneBytes = 0;
  const read = async (path: string) => {
    const bytes = await readChecked(files, manifest, path, (stage, loadedBytes) =>
      onProgress({ stage, file: path, loadedBytes: doneBytes + loadedBytes, totalBytes }),
    );
    doneBytes += bytes.length;
    return bytes;
  };
  const json = new Map<string, unknown>();
  for (const path of configs) {
    const bytes = await read(path);
    if (path.endsWith(".json")) json.set(path, parseJson(path, bytes));
    else json.set(path, new TextDecoder().decode(bytes));
  }
  const networks: Network[] = [];
  for (const path of graphs) {
    const bytes = await read(path);
    onProgress({ stage: "session", file: path, loadedBytes: doneBytes, totalBytes });
    networks.push(await createNetwork(path, bytes));
  }
  const [textEncoder, unet, vae] = networks;
  const textConfig = json.get("text_encoder/config.json") as { max_position_embeddings?: number };
  return {
    id,
    manifest,
    schedulerConfig: json.get("scheduler/scheduler_config.json") as object,
    tokenizer: createTokenizer(tokenizerFiles(json), textConfig.max_position_embeddings),
    textEncoder: createTextEncoder(textEncoder),
    unet: createUnet(unet, json.get("unet/config.json") as UnetConfig),
    vae: createVaeDecoder(vae, json.get("vae_decoder/config.json") as VaeConfig),
    async release() {
      for (const network of networks) await network.release();
    },
  };
}

function tokenizerFiles(json: ReadonlyMap<string, unknown>): TokenizerFiles {
  const get = (name: string) => json.get(`tokenizer/${name}`);
  const vocabulary = get("vocab.json") as Record<string, number> | undefined;
  const merges = get("merges.txt") as string | undefined;
  const tokenizer = get("tokenizer.json") ?? (vocabulary && merges && clipTokenizerJson(vocabulary, merges));
  if (!tokenizer) {
    throw new EngineError(
      "ModelFileMissing",
      "The model has neither tokenizer/tokenizer.json nor vocab.json and merges.txt; get the whole folder and load again.",
    );
  }
  const special = get("special_tokens_map.json") as TokenizerFiles["special"];
  return {
    tokenizer,
    config: (get("tokenizer_config.json") ?? {}) as TokenizerFiles["config"],
    ...(special ? { special } : {}),
  };
}
