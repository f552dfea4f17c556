/** A folder in the diffusers layout becomes a model that pipelines can use. */
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import { type Backbone, createBackbone } from "./backbone.ts";
import { type Folder, type GraphFile, type ModelIndex, openFolder, partClass, readIndex } from "./folder.ts";
import { readSafetensors } from "./formats/safetensors.ts";
import { BACKBONES, ENCODERS, findGraphs, findVaeEncoder, type Graphs, type PartName } from "./layout.ts";
import { checkApplied, type Lora, mergeLoras, readLora } from "./lora.ts";
import type { Manifest, ModelFiles } from "./model-files.ts";
import type { NetworkFactory } from "./network.ts";
import { backboneConfig, readConfig, textEncoderConfig, vaeConfig } from "./part-config.ts";
import { type Group, residents } from "./resident.ts";
import { createTextEncoder, type TextEncoder } from "./text-encoder.ts";
import { clipTokenizerJson, createTokenizer, type Tokenizer, type TokenizerFiles } from "./tokenizer.ts";
import { createVaeDecoder, createVaeEncoder, type VaeDecoder, type VaeEncoder } from "./vae.ts";

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
  vaeEncoder(onProgress?: (progress: LoadProgress) => void): Promise<VaeEncoder>;
  release(): Promise<void>;
}

/** What the first picture does without. */
const LATER = "vae_encoder/";

export interface LoadOptions {
  /** bytes of weights up to which all sessions are held together */
  readonly roomForWeights?: number;
  readonly loras?: readonly Lora[];
}

/**
 * @throws EngineError ModelFileMissing, ModelFileCorrupt, ModelUnsupported, NetworkFailed, OutOfMemory
 */
export async function loadModel(
  id: string,
  files: ModelFiles,
  createNetwork: NetworkFactory,
  onProgress: (progress: LoadProgress) => void,
  { roomForWeights = Number.POSITIVE_INFINITY, loras: chosen = [] }: LoadOptions = {},
): Promise<Model> {
  const folder = await openFolder(files, (path) => !path.startsWith(LATER), onProgress);
  const loras = [...(await readDifference(folder)), ...chosen];
  const index = await readIndex(folder);
  const schedulerConfig = await readScheduler(folder);
  const schedulerClass = partClass(index, "scheduler") ?? schedulerConfig._class_name;
  const graphs = await findGraphs(folder, index);
  const bytes = Object.values(graphs).reduce((sum, graph) => sum + graph.bytes, 0);
  const takesTurns = bytes > roomForWeights;
  const sessions = residents(createNetwork, takesTurns, folder.session);
  const { vae_decoder: decoderGraph } = graphs as Required<Graphs>;
  const part = BACKBONES.find((name) => graphs[name]) as (typeof BACKBONES)[number];
  const backboneGraph = graphs[part] as GraphFile;

  try {
    const networks: { load(): Promise<void> }[] = [];
    const applied = new Set<string>();
    const add = async (group: Group, name: PartName, graph: GraphFile) => {
      const network = sessions.add(group, graph, await mergeLoras(loras, name, graph, applied));
      networks.push(network);
      return network;
    };
    const textEncoders: (TextEncoder | undefined)[] = [];
    for (const name of ENCODERS) {
      const graph = graphs[name];
      if (!graph) {
        textEncoders.push(undefined);
        continue;
      }
      const config = await readConfig(folder, name, textEncoderConfig(graph));
      const suffix = name.slice(ENCODERS[0].length);
      const tokenizer = await readTokenizer(folder, `tokenizer${suffix}`, config.max_position_embeddings);
      textEncoders.push(createTextEncoder(await add("text", name, graph), config, tokenizer, name, graph.path));
    }
    const config = await readConfig(folder, part, backboneConfig(backboneGraph));
    const backbone = createBackbone(await add("picture", part, backboneGraph), config, part, backboneGraph.path);
    const derived = vaeConfig(decoderGraph, config.in_channels);
    const decoderConfig = await readConfig(folder, "vae_decoder", derived);
    const vae = createVaeDecoder(await add("picture", "vae_decoder", decoderGraph), decoderConfig, decoderGraph.path);
    const openEncoder = await findVaeEncoder(folder, graphs);
    const encoderConfig = openEncoder ? await readConfig(folder, "vae_encoder", decoderConfig) : decoderConfig;
    let encoder: Promise<VaeEncoder> | undefined;
    checkApplied(loras, applied);
    // Where they take turns, each session waits for its first run.
    if (!takesTurns) for (const network of networks) await network.load();
    return {
      id,
      manifest: folder.manifest,
      index,
      schedulerConfig: { ...schedulerConfig, ...(schedulerClass ? { _class_name: schedulerClass } : {}) },
      textEncoders,
      backbone,
      vae,
      canEncode: openEncoder !== undefined,
      vaeEncoder(onEncoderProgress = () => {}) {
        if (!openEncoder) throw new EngineError("Internal", "The model has no vae_encoder.");
        folder.follow((path) => path === `${LATER}model.onnx`, onEncoderProgress);
        encoder ??= openEncoder()
          .then(async (graph) => {
            const network = sessions.add("picture", graph);
            if (!takesTurns) await network.load();
            return createVaeEncoder(network, encoderConfig, graph.path);
          })
          .catch((error) => {
            encoder = undefined; // the next run tries again
            throw offlineEncoder(error);
          });
        return encoder;
      },
      release: sessions.release,
    };
  } catch (error) {
    await sessions.release();
    throw error;
  }
}

/** @throws EngineError as it came, but for a source that does not answer: the model itself is there already */
function offlineEncoder(error: unknown): unknown {
  if (!(error instanceof EngineError) || error.name !== "NetworkFailed") return error;
  return new EngineError(
    "NetworkFailed",
    `Starting from a picture takes a part of the model that is not here yet (${LATER}model.onnx), and it cannot be fetched; connect once and try again.`,
  );
}

async function readDifference({ manifest, read }: Folder): Promise<Lora[]> {
  const path = manifest?.difference;
  return path ? [readLora(path, 1, readSafetensors(path, await read(path)))] : [];
}

async function readScheduler(folder: Folder): Promise<Model["schedulerConfig"]> {
  const path = "scheduler/scheduler_config.json";
  const flat = await folder.optionalJson<Model["schedulerConfig"]>(path.slice(path.indexOf("/") + 1));
  return flat ?? (await folder.json(path));
}

/** In its folder, or in a flat one beside the graphs; a later encoder without its own reads as the first does. */
async function readTokenizer(folder: Folder, part: string, window: number | undefined): Promise<Tokenizer> {
  for (const place of [`${part}/`, "", "tokenizer/"]) {
    const tokenizer =
      (await folder.optionalJson<object>(`${place}tokenizer.json`)) ?? (await bareTokenizer(folder, place));
    if (!tokenizer) continue;
    const config = (await folder.optionalJson<TokenizerFiles["config"]>(`${place}tokenizer_config.json`)) ?? {};
    const path = `${place}special_tokens_map.json`;
    const special = await folder.optionalJson<NonNullable<TokenizerFiles["special"]>>(path);
    return createTokenizer({ tokenizer, config, ...(special ? { special } : {}) }, window, part);
  }
  throw new EngineError(
    "ModelFileMissing",
    `The model has neither ${part}/tokenizer.json nor vocab.json and merges.txt; get the whole folder and load again.`,
  );
}

async function bareTokenizer(folder: Folder, place: string): Promise<object | undefined> {
  const vocabulary = await folder.optionalJson<Record<string, number>>(`${place}vocab.json`);
  const merges = await folder.optionalText(`${place}merges.txt`);
  return vocabulary && merges !== undefined ? clipTokenizerJson(vocabulary, merges) : undefined;
}
