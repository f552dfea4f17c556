/** A folder in the diffusers layout becomes a model that pipelines can use. */

import * as v from "valibot";
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import type { GraphFile } from "./formats/graph-file.ts";
import { optional } from "./formats/json.ts";
import { readSafetensors } from "./formats/safetensors.ts";
import { BACKBONES, ENCODERS, findGraphs, findVaeEncoder, type Graphs, type PartName } from "./layout.ts";
import { type Lora, readLora } from "./lora/lora-file.ts";
import { createMerger } from "./lora/merge.ts";
import { type Backbone, type BackboneConfig, backboneSchema, createBackbone } from "./parts/backbone.ts";
import { backboneConfig, readConfig, textEncoderConfig, vaeConfig } from "./parts/part-config.ts";
import { readTokenizer } from "./parts/read-tokenizer.ts";
import { createTextEncoder, type TextEncoder, textEncoderSchema } from "./parts/text-encoder.ts";
import { createVaeDecoder, createVaeEncoder, type VaeDecoder, type VaeEncoder, vaeSchema } from "./parts/vae.ts";
import { readVaeConfig } from "./parts/vae-defaults.ts";
import type { NetworkFactory } from "./runtime/network.ts";
import { type Group, residents } from "./runtime/resident.ts";
import { type Folder, type ModelIndex, openFolder, partClass, readIndex } from "./sources/folder.ts";
import type { Manifest, ModelFiles } from "./sources/model-files.ts";

export interface Model {
  readonly id: string;
  /** absent in public folders */
  readonly manifest: Manifest | undefined;
  readonly index: ModelIndex;
  /** scheduler/scheduler_config.json, with the class that model_index.json names */
  readonly schedulerConfig: { readonly _class_name?: string | null };
  /** text_encoder, text_encoder_2, text_encoder_3; undefined where the model goes without */
  readonly textEncoders: readonly (TextEncoder | undefined)[];
  readonly backbone: Backbone;
  readonly vae: VaeDecoder;
  readonly canEncode: boolean;
  /** what was assumed or left out as it was loaded, a sentence each */
  readonly notices: readonly string[];
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
  const graphs = await findGraphs(folder, index);
  const schedulerConfig = await readScheduler(folder);
  const schedulerClass = partClass(index, "scheduler") ?? schedulerConfig._class_name;
  const bytes = Object.values(graphs).reduce((sum, graph) => sum + graph.bytes, 0);
  const takesTurns = bytes > roomForWeights;
  const sessions = residents(createNetwork, takesTurns, folder.session);
  const { vae_decoder: decoderGraph } = graphs as Required<Graphs>;
  const part = BACKBONES.find((name) => graphs[name]) as (typeof BACKBONES)[number];
  const backboneGraph = graphs[part] as GraphFile;

  try {
    const config = await readConfig(folder, part, backboneSchema, backboneConfig(backboneGraph));
    const merger = createMerger(loras, part, layersPerBlockOf(config));
    const networks: { load(): Promise<void> }[] = [];
    const notices: string[] = [];
    const notify = (notice: string) => void notices.push(notice);
    const add = async (group: Group, name: PartName, graph: GraphFile) => {
      const network = sessions.add(group, graph, await merger.merge(name, graph));
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
      const own = await readConfig(folder, name, textEncoderSchema, textEncoderConfig(graph));
      const number = ENCODERS.indexOf(name) + 1;
      const tokenizer = await readTokenizer(folder, index, number, own.max_position_embeddings, notify);
      textEncoders.push(createTextEncoder(await add("text", name, graph), own, tokenizer, name, graph.path));
    }
    const backbone = createBackbone(await add("picture", part, backboneGraph), config, part, backboneGraph.path);
    const derived = vaeConfig(decoderGraph, config.in_channels);
    const both = { decoder: decoderGraph, backbone: backboneGraph };
    const decoderConfig = await readVaeConfig(folder, index, derived, both, notify);
    const vae = createVaeDecoder(await add("picture", "vae_decoder", decoderGraph), decoderConfig, decoderGraph.path);
    const openEncoder = await findVaeEncoder(folder, graphs);
    const encoderConfig = openEncoder
      ? await readConfig(folder, "vae_encoder", vaeSchema, decoderConfig)
      : decoderConfig;
    let encoder: Promise<VaeEncoder> | undefined;
    notices.push(...merger.finish());
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
      notices,
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
            throw offlineEncoder(error, folder.manifest?.title ?? id);
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
function offlineEncoder(error: unknown, title: string): unknown {
  if (!(error instanceof EngineError) || error.name !== "NetworkFailed") return error;
  return new EngineError(
    "NetworkFailed",
    `Starting from a picture takes a part of ${title} that is not here yet, and it cannot be fetched; connect once and try again.`,
  );
}

async function readDifference({ manifest, read }: Folder): Promise<Lora[]> {
  const path = manifest?.difference;
  return path ? [readLora(path, 1, readSafetensors(path, await read(path)))] : [];
}

/** What every published U-Net of Stable Diffusion has. */
const USUAL_LAYERS_PER_BLOCK = 2;

function layersPerBlockOf({ layers_per_block: layers = USUAL_LAYERS_PER_BLOCK }: BackboneConfig): number {
  return typeof layers === "number" ? layers : layers[0];
}

const schedulerSchema = v.looseObject({ _class_name: optional(v.string()) });

async function readScheduler(folder: Folder): Promise<Model["schedulerConfig"]> {
  const path = "scheduler/scheduler_config.json";
  const flat = await folder.optionalJson(path.slice(path.indexOf("/") + 1), schedulerSchema);
  return flat ?? (await folder.json(path, schedulerSchema));
}
