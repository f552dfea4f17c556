/** A folder in the diffusers layout becomes a model that pipelines can use. */

import * as v from "valibot";
import { EngineError } from "../errors.ts";
import type { LoadProgress } from "../protocol.ts";
import type { GraphFile } from "./formats/graph-file.ts";
import { optional } from "./formats/json.ts";
import { readSafetensors } from "./formats/safetensors.ts";
import { findParts } from "./layout.ts";
import { type Lora, readLora } from "./lora/lora-file.ts";
import { createMerger } from "./lora/merge.ts";
import type { Backbone, BackboneConfig } from "./parts/backbone.ts";
import { makePart, type Part, readBackboneConfig } from "./parts/make-part.ts";
import { isMainBackbone, namesOf, type PartName, type PartRow, parts, rowOf } from "./parts/table.ts";
import type { TextEncoder } from "./parts/text-encoder.ts";
import type { VaeDecoder } from "./parts/vae.ts";
import type { NetworkFactory } from "./runtime/network.ts";
import { type Resident, residents } from "./runtime/resident.ts";
import { type Folder, type ModelIndex, openFolder, partClass, readIndex } from "./sources/folder.ts";
import type { Manifest, ModelFiles } from "./sources/model-files.ts";

export interface Model {
  readonly id: string;
  /** absent in public folders */
  readonly manifest: Manifest | undefined;
  readonly index: ModelIndex;
  /** the main backbone's, with the class that model_index.json names */
  readonly schedulerConfig: SchedulerConfig;
  /** text_encoder, text_encoder_2, text_encoder_3; undefined where the model goes without */
  readonly textEncoders: readonly (TextEncoder | undefined)[];
  /** the main one, which is conditioned by the prompt */
  readonly backbone: Backbone;
  /** absent in models that work in pixels or make something else than pictures */
  readonly vae: VaeDecoder | undefined;
  /** what was assumed or left out as it was loaded, a sentence each */
  readonly notices: readonly string[];
  /** the parts that it has, loaded or not */
  readonly parts: ReadonlySet<PartName>;
  /** A part; a lazy one is loaded when it is first asked for. @throws EngineError as `loadModel`, Internal where the model has no such part */
  part<N extends PartName>(name: N, onProgress?: (progress: LoadProgress) => void): Promise<Part<N>>;
  /** Gives back what a part and those of its group hold, until one of them is run again: after its stage. */
  free(name: PartName): Promise<void>;
  /** the scheduler that a part is sampled with. @throws EngineError ModelFileMissing, ModelFileCorrupt */
  scheduler(name: PartName): Promise<SchedulerConfig>;
  /** what a config of the folder says; undefined where there is none. @throws EngineError ModelFileCorrupt */
  json: Folder["optionalJson"];
  release(): Promise<void>;
}

/** scheduler_config.json */
export interface SchedulerConfig {
  readonly _class_name?: string | null;
}

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
  const folder = await openFolder(files, (path) => !isLazy(path), onProgress);
  const loras = [...(await readDifference(folder)), ...chosen];
  const index = await readIndex(folder);
  const { backbone: main, graphs, lazy } = await findParts(folder, index);
  const eager = parts.flatMap((row) => {
    const graph = graphs[row.name];
    return graph && !row.lazy && (!isMainBackbone(row) || row.name === main) ? [{ row, graph }] : [];
  });
  const schedulerConfig = await readScheduler(folder, index, rowOf(main));
  const fits = eager.reduce((sum, { graph }) => sum + graph.bytes, 0) <= roomForWeights;
  const sessions = residents(createNetwork, roomForWeights);
  const made = new Map<PartName, Promise<Part>>();
  const partOf = <N extends PartName>(name: N) => made.get(name) as Promise<Part<N>> | undefined;

  try {
    const backboneGraph = graphs[main] as GraphFile;
    const config = await readBackboneConfig(folder, rowOf(main), backboneGraph);
    const merger = createMerger(loras, main, layersPerBlockOf(config));
    const notices: string[] = [];
    const surroundings = {
      index,
      backbone: { graph: backboneGraph, config },
      notify: (notice: string) => void notices.push(notice),
    };
    const networks: Resident[] = [];
    for (const { row, graph } of eager) {
      const changed = await merger.merge(row.name, graph);
      const network = sessions.add(row.group, graph, { changed, onSession: folder.session });
      networks.push(network);
      const part = await makePart(row, graph, network, { ...surroundings, folder, vae: undefined });
      made.set(row.name, Promise.resolve(part));
    }
    notices.push(...merger.finish());
    // Where they take turns, each session waits for its first run.
    if (fits) for (const network of networks) await network.load();

    const backbone = (await partOf(main)) as Backbone;
    const vae = await partOf("vae_decoder");
    const textEncoders: (TextEncoder | undefined)[] = [];
    for (const name of namesOf("text encoder")) textEncoders.push(await partOf(name));
    const loadLazy = async (name: PartName, path: string, onPartProgress: (progress: LoadProgress) => void) => {
      const row = rowOf(name);
      const reader = folder.counting((one) => one === path, onPartProgress);
      const graph = graphs[name] ?? (await reader.graph(path));
      const network = sessions.add(row.group, graph, { onSession: reader.session });
      const part = await makePart(row, graph, network, { ...surroundings, folder: reader, vae });
      if (fits) await network.load();
      return part;
    };
    const silent = folder.counting(
      () => false,
      () => {},
    );
    return {
      id,
      manifest: folder.manifest,
      index,
      schedulerConfig,
      textEncoders,
      backbone,
      vae,
      notices,
      parts: new Set([...made.keys(), ...lazy.keys()]),
      async part(name, onPartProgress = () => {}) {
        const there = partOf(name);
        if (there) return there;
        const path = lazy.get(name);
        if (!path) throw new EngineError("Internal", `The model has no ${name}.`);
        const loading = loadLazy(name, path, onPartProgress).catch((error) => {
          made.delete(name); // the next run tries again
          throw offlinePart(error, folder.manifest?.title ?? id);
        });
        made.set(name, loading);
        return loading as Promise<Part<typeof name>>;
      },
      free: (name) => sessions.free(rowOf(name).group),
      scheduler: (name) => readScheduler(silent, index, rowOf(name)),
      json: silent.optionalJson,
      release: sessions.release,
    };
  } catch (error) {
    await sessions.release();
    throw error;
  }
}

/** Whether a file belongs to a part that is read later. */
const isLazy = (path: string) =>
  parts.some(({ lazy, folders }) => lazy && folders.some((folder) => path.startsWith(`${folder}/`)));

/** @throws EngineError as it came, but for a source that does not answer: the model itself is there already */
function offlinePart(error: unknown, title: string): unknown {
  if (!(error instanceof EngineError) || error.name !== "NetworkFailed") return error;
  return new EngineError(
    "NetworkFailed",
    `This run needs a part of ${title} that is not here yet, and it cannot be fetched; connect once and try again.`,
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

/** In the folder that the part's row names, or flat beside the graphs; with the class that model_index.json names. */
async function readScheduler(
  folder: Folder,
  index: ModelIndex,
  { scheduler = "scheduler" }: PartRow,
): Promise<SchedulerConfig> {
  const file = "scheduler_config.json";
  const config =
    (await folder.optionalJson(file, schedulerSchema)) ?? (await folder.json(`${scheduler}/${file}`, schedulerSchema));
  const named = partClass(index, scheduler) ?? config._class_name;
  return { ...config, ...(named ? { _class_name: named } : {}) };
}
