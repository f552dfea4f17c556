/** Which files of a repository a run needs: one graph for each part in the precision that the adapter can run, its weights, and the small files. */
import { EngineError } from "../../errors.ts";
import type { Precision, RepositoryFile } from "../../protocol.ts";
import type { Repository } from "./repository.ts";

/** Parts that pipelines know, each a folder of the diffusers layout. */
const PARTS = [
  "text_encoder",
  "text_encoder_2",
  "text_encoder_3",
  "unet",
  "transformer",
  "vae_decoder",
  "vae_encoder",
] as const;
const SMALL_FOLDERS = ["", "scheduler", "tokenizer", "tokenizer_2", "tokenizer_3", ...PARTS];
const SMALL_FILE = /\.(json|txt|model)$/;
const HALF = /[._-](fp16|float16|half|f16)(?=[._-]|$)/i;
/** Weights that lie beside a graph: `model.onnx_data`, `model.onnx.data`, `weights.pb`, `model-00001.data`. */
const EXTERNAL = /(\.onnx[._]data(_\d+)?|\.data|\.pb)$/;

export interface ChosenPart {
  readonly part: string;
  readonly graph: string;
  /** what the name says; a plain name says nothing, and counts as what the repository was published in */
  readonly precision: Precision | "as published";
}

export interface ChosenFiles {
  readonly files: readonly RepositoryFile[];
  readonly parts: readonly ChosenPart[];
  readonly bytes: number;
}

/** @throws EngineError ModelUnsupported when it is no diffusers folder with ONNX graphs, with what it lacks */
export function chooseFiles(repository: Repository, wanted: Precision): ChosenFiles {
  const { files } = repository;
  const parts: ChosenPart[] = [];
  const chosen = new Set(
    files.filter(({ path }) => SMALL_FILE.test(path) && SMALL_FOLDERS.includes(folderOf(path))).map(({ path }) => path),
  );
  for (const part of PARTS) {
    const inside = files.map(({ path }) => path).filter((path) => folderOf(path) === part);
    const graphs = inside.filter((path) => path.endsWith(".onnx")).sort();
    if (graphs.length === 0) continue;
    const half = graphs.filter((path) => HALF.test(path));
    const plain = graphs.filter((path) => !HALF.test(path));
    const graph = (wanted === "float16" ? (half[0] ?? plainest(plain)) : (plainest(plain) ?? half[0])) as string;
    const precision = HALF.test(graph) ? "float16" : half.length > 0 ? "float32" : "as published";
    parts.push({ part, graph, precision });
    chosen.add(graph);
    for (const path of inside) {
      if (EXTERNAL.test(path) && belongsTo(path, graph, graphs)) chosen.add(path);
    }
  }
  const flat = files.map(({ path }) => path).filter((path) => !path.includes("/"));
  if (parts.length === 0 && flat.some((path) => path.endsWith(".onnx"))) {
    // A flat web export: its graphs are known by their inputs, which are not listed.
    for (const path of flat) if (path.endsWith(".onnx") || EXTERNAL.test(path)) chosen.add(path);
    return picked();
  }
  const lacking = [
    ...(parts.some(({ part }) => part === "unet" || part === "transformer") ? [] : ["unet/ or transformer/"]),
    ...(parts.some(({ part }) => part === "vae_decoder") ? [] : ["vae_decoder/"]),
  ];
  if (lacking.length > 0) {
    throw new EngineError(
      "ModelUnsupported",
      `${repository.address.repository} has no ONNX graph in ${lacking.join(" and ")}; choose an ONNX export of the model in the diffusers layout.`,
    );
  }
  return picked();

  function picked(): ChosenFiles {
    const needed = files.filter(({ path }) => chosen.has(path));
    return { files: needed, parts, bytes: needed.reduce((sum, { content }) => sum + content.bytes, 0) };
  }
}

const folderOf = (path: string) => path.slice(0, Math.max(path.lastIndexOf("/"), 0));
const stemOf = (path: string) => path.slice(path.lastIndexOf("/") + 1).replace(/\.onnx.*$/, "");

/** `model.onnx` where there is one, else the shortest name: the others are variants of it. */
function plainest(graphs: readonly string[]): string | undefined {
  return graphs.find((path) => stemOf(path) === "model") ?? [...graphs].sort((a, b) => a.length - b.length)[0];
}

/** Weights named after another graph of the folder are that one's; all others may be this one's. */
function belongsTo(path: string, graph: string, graphs: readonly string[]): boolean {
  const name = path.slice(path.lastIndexOf("/") + 1);
  const owners = graphs.filter((one) => name.startsWith(stemOf(one)));
  if (owners.length === 0) return true;
  return owners.sort((a, b) => b.length - a.length)[0] === graph;
}
