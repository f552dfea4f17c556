/** A folder in the diffusers layout becomes a model that pipelines can use. */
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import { type Backbone, type BackboneConfig, createBackbone } from "./backbone.ts";
import { type Folder, type ModelIndex, openFolder, partClass, readIndex } from "./folder.ts";
import type { Manifest, ModelFiles } from "./model-files.ts";
import type { Network, NetworkFactory } from "./network.ts";
import { createTextEncoder, type TextEncoder, type TextEncoderConfig } from "./text-encoder.ts";
import { clipTokenizerJson, createTokenizer, type Tokenizer, type TokenizerFiles } from "./tokenizer.ts";
import { createVaeDecoder, createVaeEncoder, type VaeConfig, type VaeDecoder, type VaeEncoder } from "./vae.ts";

export interface Model {
  readonly id: string;
  /** absent in public folders */
  readonly manifest: Manifest | undefined;
  readonly index: ModelIndex;
  /** scheduler/scheduler_config.json, with the class that model_index.json names */
  readonly schedulerConfig: { readonly _class_name?: string };
  /** text_encoder, text_encoder_2, text_encoder_3; undefined where the model goes without */
  readonly textEncoders: readonly (TextEncoder | undefined)[];
  readonly backbone: Backbone;
  readonly vae: VaeDecoder;
  readonly canEncode: boolean;
  /** Loaded when it is first asked for: only pictures that start from a picture need it. */
  vaeEncoder(): Promise<VaeEncoder>;
  release(): Promise<void>;
}

const ENCODERS = ["", "_2", "_3"] as const;
const BACKBONES = ["unet", "transformer"] as const;

/** @throws EngineError ModelFileMissing, ModelFileCorrupt, ModelUnsupported, NetworkFailed, OutOfMemory */
export async function loadModel(
  id: string,
  files: ModelFiles,
  createNetwork: NetworkFactory,
  onProgress: (progress: LoadProgress) => void,
): Promise<Model> {
  const folder = await openFolder(files, (path) => !path.startsWith("vae_encoder/"), onProgress);
  const index = await readIndex(folder);
  const schedulerConfig = await folder.json<Model["schedulerConfig"]>("scheduler/scheduler_config.json");
  const schedulerClass = partClass(index, "scheduler") ?? schedulerConfig._class_name;

  const networks: Network[] = [];
  const load = async (part: string): Promise<Network> => {
    const path = `${part}/model.onnx`;
    const { bytes, externalData } = await folder.graph(path);
    folder.session(path);
    const network = await createNetwork(path, bytes, externalData);
    networks.push(network);
    return network;
  };
  const release = async () => {
    for (const network of networks.splice(0)) await network.release();
  };

  try {
    const textEncoders: (TextEncoder | undefined)[] = [];
    for (const suffix of ENCODERS) {
      const part = `text_encoder${suffix}`;
      if (!partClass(index, part)) {
        textEncoders.push(undefined);
        continue;
      }
      const config = await folder.json<TextEncoderConfig>(`${part}/config.json`);
      const tokenizer = await readTokenizer(folder, `tokenizer${suffix}`, config.max_position_embeddings);
      textEncoders.push(createTextEncoder(await load(part), config, tokenizer, part));
    }
    const part = BACKBONES.find((name) => partClass(index, name));
    if (!part) {
      throw new EngineError(
        "ModelUnsupported",
        `The model (${index._class_name ?? "of no class"}) has neither a unet nor a transformer in model_index.json; it cannot be run.`,
      );
    }
    const backboneConfig = await folder.json<BackboneConfig>(`${part}/config.json`);
    const backbone = createBackbone(await load(part), backboneConfig, part);
    const vae = createVaeDecoder(await load("vae_decoder"), await folder.json<VaeConfig>("vae_decoder/config.json"));
    const encoderConfig = await folder.optionalJson<VaeConfig>("vae_encoder/config.json");
    let encoder: Promise<VaeEncoder> | undefined;
    return {
      id,
      manifest: folder.manifest,
      index,
      schedulerConfig: { ...schedulerConfig, ...(schedulerClass ? { _class_name: schedulerClass } : {}) },
      textEncoders,
      backbone,
      vae,
      canEncode: encoderConfig !== undefined,
      vaeEncoder() {
        if (!encoderConfig) throw new EngineError("Internal", "The model has no vae_encoder.");
        encoder ??= load("vae_encoder")
          .then((network) => createVaeEncoder(network, encoderConfig))
          .catch((error) => {
            encoder = undefined; // the next run tries again
            throw error;
          });
        return encoder;
      },
      release,
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function readTokenizer(folder: Folder, part: string, window: number | undefined): Promise<Tokenizer> {
  const tokenizer =
    (await folder.optionalJson<object>(`${part}/tokenizer.json`)) ?? (await bareTokenizer(folder, part));
  if (!tokenizer) {
    throw new EngineError(
      "ModelFileMissing",
      `The model has neither ${part}/tokenizer.json nor vocab.json and merges.txt; get the whole folder and load again.`,
    );
  }
  const config = (await folder.optionalJson<TokenizerFiles["config"]>(`${part}/tokenizer_config.json`)) ?? {};
  const special = await folder.optionalJson<NonNullable<TokenizerFiles["special"]>>(`${part}/special_tokens_map.json`);
  return createTokenizer({ tokenizer, config, ...(special ? { special } : {}) }, window, part);
}

async function bareTokenizer(folder: Folder, part: string): Promise<object | undefined> {
  const vocabulary = await folder.optionalJson<Record<string, number>>(`${part}/vocab.json`);
  const merges = await folder.optionalText(`${part}/merges.txt`);
  return vocabulary && merges !== undefined ? clipTokenizerJson(vocabulary, merges) : undefined;
}
