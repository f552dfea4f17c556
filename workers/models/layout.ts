/**
 * Which graph of a folder is which part. Folders in the diffusers layout say so by their names; flat and fused web exports are known by
 * their graphs' inputs and outputs, whatever the files are called.
 */

import { EngineError } from "../errors.ts";
import type { GraphFile } from "./formats/graph-file.ts";
import type { OnnxGraph } from "./formats/onnx-graph.ts";
import { checkObstacles, isControlNet } from "./obstacles.ts";
import { isMainBackbone, type NamesOf, namesOf, type PartName, type PartRow, parts } from "./parts/table.ts";
import { type Folder, type ModelIndex, partClass } from "./sources/folder.ts";
import { preferredGraph } from "./sources/variants.ts";

/** what training frameworks save */
const WEIGHTS = /\.(safetensors|bin|ckpt|pt)$/;

export type Graphs = Partial<Record<PartName, GraphFile>>;

export interface Layout {
  /** the main backbone's part */
  readonly backbone: NamesOf<"backbone">;
  /** graphs of the parts that are loaded with the model, their weights unread; and those that were recognised among all */
  readonly graphs: Graphs;
  /** where the graphs of lazy parts lie */
  readonly lazy: ReadonlyMap<PartName, string>;
}

/** @throws EngineError ModelUnsupported, ModelFileMissing when a part that the model needs is not found */
export async function findParts(folder: Folder, index: ModelIndex): Promise<Layout> {
  const graphs: Graphs = {};
  const expected = parts.filter((row) => !row.lazy && isExpected(row, folder, index));
  for (const row of expected) {
    const path = pathOf(row, folder.paths);
    if (path) graphs[row.name] = await folder.graph(path);
  }
  const lazy = await findLazy(folder, index);
  const complete = expected.length > 0 && expected.every(({ name }) => graphs[name]);
  if (!complete) await recognise(folder, graphs, lazy);
  if (folder.paths?.some((path) => WEIGHTS.test(path)) && !folder.paths.some((path) => path.endsWith(".onnx"))) {
    throw new EngineError(
      "ModelUnsupported",
      "The folder holds PyTorch weights and no ONNX graph; export it with optimum and open what that writes (docs/models.md says how).",
    );
  }
  const backbone = mainBackbone(graphs);
  const graph = backbone && graphs[backbone];
  if (graph) checkObstacles(graph.path, graph);
  const absent = parts.find((row) => row.role === "text encoder" && classOf(index, row) && !graphs[row.name])?.name;
  if (absent) {
    throw new EngineError(
      "ModelFileMissing",
      `model_index.json names ${absent} (${partClass(index, absent)}), and the folder has no ${absent}/model.onnx; get the whole folder, or write [null, null] for it there where the model goes without.`,
    );
  }
  const hasOutput = parts.some(({ name, output }) => output && (graphs[name] || lazy.has(name)));
  if (backbone && hasOutput) return { backbone, graphs, lazy };
  throw new EngineError(
    "ModelUnsupported",
    `Among the model's graphs none is ${backbone ? "a VAE's decoder (latents in, a picture of 3 channels out)" : "a U-Net or a transformer (an input for the timestep)"}; it cannot be run.`,
  );
}

const classOf = (index: ModelIndex, { name, entry }: PartRow) =>
  partClass(index, name) ?? (entry && partClass(index, entry));

/** What model_index.json names; what only some families have, where its folder is there; and a VAE's decoder, which not every index names. */
function isExpected(row: PartRow, { paths }: Folder, index: ModelIndex): boolean {
  if (classOf(index, row)) return true;
  if (row.optional) return paths !== undefined && pathOf(row, paths) !== undefined;
  const isIndexed = Object.keys(index).length > 0;
  return row.output !== undefined && isIndexed && !parts.some((other) => other.output && classOf(index, other));
}

function mainBackbone(graphs: Graphs): NamesOf<"backbone"> | undefined {
  return parts.find((row) => isMainBackbone(row) && graphs[row.name])?.name as NamesOf<"backbone"> | undefined;
}

/** Parts whose graphs are read when a run asks for them: by their folders, or where those cannot be listed by what says that they are there. */
async function findLazy(folder: Folder, index: ModelIndex): Promise<Map<PartName, string>> {
  const found = new Map<PartName, string>();
  for (const row of parts.filter(({ lazy }) => lazy)) {
    const path = pathOf(row, folder.paths);
    const isThere =
      folder.paths !== undefined ||
      partClass(index, row.name) !== undefined ||
      (!row.optional && (await folder.optionalText(`${row.folders[0]}/config.json`)) !== undefined);
    if (path && isThere) found.set(row.name, path);
  }
  return found;
}

/** `part/model.onnx`, or where the folder can be listed the one to prefer of the part's graphs. */
function pathOf({ folders }: PartRow, paths: readonly string[] | undefined): string | undefined {
  if (!paths) return `${folders[0]}/model.onnx`;
  for (const folder of folders) {
    const usual = `${folder}/model.onnx`;
    if (paths.includes(usual)) return usual;
    const graph = preferredGraph(paths.filter((path) => path.startsWith(`${folder}/`) && path.endsWith(".onnx")));
    if (graph) return graph;
  }
  return undefined;
}

/** Fills what is not found by its name from the other graphs of the folder. */
async function recognise(folder: Folder, graphs: Graphs, lazy: Layout["lazy"]): Promise<void> {
  const taken = new Set([...Object.values(graphs).map(({ path }) => path), ...lazy.values()]);
  const encoders: GraphFile[] = [];
  const controlNets: GraphFile[] = [];
  for (const path of (folder.paths ?? []).filter((one) => one.endsWith(".onnx") && !taken.has(one)).sort(byLength)) {
    const graph = await folder.graph(path);
    const part = partOf(graph);
    if (isControlNet(graph)) controlNets.push(graph);
    else if (part === "text_encoder") encoders.push(graph);
    else if (part) graphs[part] ??= graph;
  }
  if (!mainBackbone(graphs)) for (const graph of controlNets) checkObstacles(graph.path, graph);
  if (TEXT_ENCODERS.some((part) => graphs[part])) return;
  for (const graph of encoders) {
    const part = encoders.length === 1 ? "text_encoder" : (numbered(graph.path) ?? projected(graph));
    graphs[part] ??= graph;
  }
}

const TEXT_ENCODERS = namesOf("text encoder");

const byLength = (a: string, b: string) => a.length - b.length || (a < b ? -1 : 1);

/** @returns undefined for a graph that no pipeline here runs, such as a safety checker */
function partOf(graph: Pick<OnnxGraph, "inputs" | "outputs">): PartName | undefined {
  return parts.find((row) => row.recognise?.(graph))?.name;
}

/** text_encoder_2_model_q4f16.onnx says which it is; so does text_encoder_model.onnx beside it. */
function numbered(path: string): PartName | undefined {
  const number = /text[_-]?encoder(?:[_-]?([123])(?!\d))?/i.exec(path);
  return number ? TEXT_ENCODERS[Number(number[1] ?? 1) - 1] : undefined;
}

const projected = ({ outputs }: OnnxGraph): PartName =>
  outputs.some(({ name }) => name === "text_embeds") ? "text_encoder_2" : "text_encoder";
