/** Which files of a repository a run needs: one graph for each part in the precision that the adapter can run, its weights, and the small files. */
import { EngineError } from "../../../errors.ts";
import type { OfferedModel, Precision, RepositoryFile } from "../../../protocol.ts";
import { isMainBackbone, LAYOUT_FOLDERS, type PartRow, parts } from "../../parts/table.ts";
import { preferredGraph, variantOf } from "../variants.ts";
import type { Repository } from "./repository.ts";

const SMALL_FILE = /\.(json|txt|model)$/;
/** Weights that lie beside a graph in the root of a flat export: `model.onnx_data`, `model.onnx.data`, `weights.pb`, `model-00001.data`. */
const EXTERNAL = /(\.onnx[._]data(_\d+)?|\.data|\.pb)$/;
/** What else lies in a part's folder. All other files may be a graph's weights: some exports have a file a tensor, without any ending. */
const OTHER =
  /\.(onnx|ort|safetensors|ckpt|pth?|msgpack|h5|tflite|xml|mlmodel|md|png|jpe?g|gif|webp|svg|py|yaml|gguf)$|(pytorch_model|openvino)[^/]*\.bin$|(^|\/)\.[^/]*$/i;

export type ChosenPart = OfferedModel["parts"][number] & { readonly graph: string };

export interface ChosenFiles {
  readonly files: readonly RepositoryFile[];
  readonly parts: readonly ChosenPart[];
  readonly bytes: number;
}

/** @throws EngineError ModelUnsupported when it is no diffusers folder with ONNX graphs, with what it lacks */
export function chooseFiles(repository: Repository, wanted: Precision): ChosenFiles {
  const { files } = repository;
  const found: ChosenPart[] = [];
  const chosen = new Set(
    files.map(({ path }) => path).filter((path) => SMALL_FILE.test(path) && isSmallFolder(folderOf(path))),
  );
  for (const row of parts.filter(({ awaitsPipeline }) => !awaitsPipeline)) {
    for (const place of row.folders) {
      const inside = files.map(({ path }) => path).filter((path) => path.startsWith(`${place}/`));
      const graphs = inside.filter((path) => folderOf(path) === place && path.endsWith(".onnx"));
      const graph = preferredGraph(graphs, wanted === "float16");
      if (!graph) continue;
      found.push({ part: row.name, graph, precision: precisionOf(graph, graphs) });
      chosen.add(graph);
      for (const path of inside) {
        if (!OTHER.test(path) && !SMALL_FILE.test(path) && belongsTo(path, graph, graphs)) chosen.add(path);
      }
      break;
    }
  }
  const flat = files.map(({ path }) => path).filter((path) => !path.includes("/"));
  if (found.length === 0 && flat.some((path) => path.endsWith(".onnx"))) {
    // A flat web export: its graphs are known by their inputs, which are not listed.
    for (const path of flat) if (path.endsWith(".onnx") || EXTERNAL.test(path)) chosen.add(path);
    return picked();
  }
  const has = (isMeant: (row: PartRow) => boolean) =>
    parts.some((row) => isMeant(row) && found.some(({ part }) => part === row.name));
  const lacking = [
    ...(has(isMainBackbone) ? [] : [foldersOf(isMainBackbone)]),
    ...(has(givesOutput) ? [] : [foldersOf(givesOutput)]),
  ];
  if (lacking.length > 0) {
    const { repository: name, folder } = repository.address;
    const [other] = repository.folders;
    const remedy = other
      ? `it has some in ${other}/: write ${name}/${other}`
      : "choose an ONNX export of the model in the diffusers layout";
    throw new EngineError(
      "ModelUnsupported",
      `${name}${folder ? `/${folder}` : ""} has no ONNX graph in ${lacking.join(" and ")}; ${remedy}.`,
    );
  }
  return picked();

  function picked(): ChosenFiles {
    const needed = files.filter(({ path }) => chosen.has(path));
    return { files: needed, parts: found, bytes: needed.reduce((sum, { content }) => sum + content.bytes, 0) };
  }
}

const isSmallFolder = (folder: string) => folder === "" || LAYOUT_FOLDERS.has(folder);

const givesOutput = ({ output }: PartRow) => output !== undefined;
/** Where most models have such a part. */
const foldersOf = (isMeant: (row: PartRow) => boolean) =>
  parts.flatMap((row) => (isMeant(row) && !row.optional ? [`${row.folders[0]}/`] : [])).join(" or ");

const folderOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
const stemOf = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/\.onnx.*$/, "");

/** A name without a mark says nothing, and counts as what the repository was published in; beside one in half precision it is the other. */
function precisionOf(graph: string, graphs: readonly string[]): ChosenPart["precision"] {
  const variant = variantOf(graph);
  if (variant !== "plain") return variant;
  return graphs.some((path) => variantOf(path) === "float16") ? "float32" : "as published";
}

/** Weights named after another graph of the folder are that one's; all others may be this one's. */
function belongsTo(path: string, graph: string, graphs: readonly string[]): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const owners = graphs.filter((one) => name.startsWith(stemOf(one)));
  if (owners.length === 0) return true;
  return owners.sort((a, b) => b.length - a.length)[0] === graph;
}
