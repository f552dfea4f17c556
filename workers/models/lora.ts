/**
 * LoRA (Hu et al. 2021, section 4.1): W + scale * alpha / rank * up down, added to the weights before a session is made of them. Its files
 * name the layers as diffusers does (unet.down_blocks.0. ... .to_q.lora_A.weight; in earlier versions .lora.down, .lora_linear_layer.down,
 * .processor.to_q_lora.down) or as kohya's scripts do (lora_unet_down_blocks_0_ ... _to_q.lora_down.weight), each with or without an .alpha.
 */

import { EngineError } from "../errors.ts";
import type { Tensor } from "../tensor/tensor.ts";
import type { GraphFile } from "./folder.ts";
import { fromHalf, toHalf } from "./formats/float16.ts";
import type { GraphNode, Initializer } from "./formats/onnx-graph.ts";
import type { PartName } from "./layout.ts";

export interface Lora {
  /** of the file, for messages */
  readonly name: string;
  readonly scale: number;
  /** by part and layer, see `keyOf` */
  readonly layers: ReadonlyMap<string, LoraLayer>;
}

interface LoraLayer {
  down?: Tensor;
  up?: Tensor;
  alpha?: number;
}

/** Weights that take the place of others, by the initializer's name. */
export type Changed = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

const MATRIX = /^(.+?)[._]lora(?:_linear_layer)?[._](down|up|A|B)(?:\.default)?\.weight$/;
const ALPHA = /^(.+)\.alpha$/;

/** @throws EngineError ModelUnsupported when the file is no LoRA of linear and convolutional layers */
export function readLora(name: string, scale: number, tensors: ReadonlyMap<string, Tensor>): Lora {
  const layers = new Map<string, LoraLayer>();
  const layerOf = (path: string): LoraLayer => {
    const key = keyOf(path);
    const layer = layers.get(key) ?? {};
    layers.set(key, layer);
    return layer;
  };
  for (const [key, tensor] of tensors) {
    const matrix = MATRIX.exec(key);
    const alpha = ALPHA.exec(key);
    if (matrix) layerOf(matrix[1])[/down|A/.test(matrix[2]) ? "down" : "up"] = tensor;
    else if (alpha) layerOf(alpha[1]).alpha = tensor.data[0];
    else throw notALora(name, `"${key}" is no part of a LoRA of linear and convolutional layers`);
  }
  for (const [key, { down, up }] of layers) {
    if (!down || !up) throw notALora(name, `${key} has no ${down ? "up" : "down"} matrix`);
    if (down.dims[0] !== up.dims[1]) throw notALora(name, `the matrices of ${key} do not fit each other`);
  }
  if (layers.size === 0) throw notALora(name, "it is empty");
  return { name, scale, layers };
}

/**
 * What the LoRAs make of a graph's weights.
 * @param applied takes the name of every layer that was found
 */
export async function mergeLoras(
  loras: readonly Lora[],
  part: PartName,
  file: GraphFile,
  applied: Set<string>,
): Promise<Changed> {
  const changed = new Map<string, Uint8Array<ArrayBuffer>>();
  if (loras.length === 0) return changed;
  for (const { key, weight, isTransposed } of addressable(part, file)) {
    const meant = loras.filter(({ layers }) => layers.has(key));
    if (meant.length === 0) continue;
    const bytes = await file.weight(weight);
    const values = bytes && toFloats(weight.type, bytes.slice().buffer);
    if (!values) continue;
    for (const { name, scale, layers } of meant) {
      const layer = layers.get(key) as Required<LoraLayer>;
      if (layer.up.dims[0] * (layer.down.data.length / layer.down.dims[0]) !== values.length) {
        const dims = isTransposed ? weight.dims.toReversed() : weight.dims;
        const size = `${layer.up.dims[0]} x ${layer.down.data.length / layer.down.dims[0]}`;
        throw notALora(
          name,
          `${key} is made for ${size} weights and the model's layer is ${dims.join(" x ")}${madeFor(layers)}`,
        );
      }
      add(values, layer, scale, isTransposed);
      applied.add(key);
    }
    const stored = weight.type === HALF ? toHalf(values) : values;
    changed.set(weight.name, new Uint8Array(stored.buffer as ArrayBuffer));
  }
  return changed;
}

/** @throws EngineError ModelUnsupported when layers were not found in the model */
export function checkApplied(loras: readonly Lora[], applied: ReadonlySet<string>): void {
  for (const { name, layers } of loras) {
    const missing = [...layers.keys()].filter((key) => !applied.has(key));
    if (missing.length === 0) continue;
    const kind = madeFor(layers);
    const share = missing.length === layers.size ? "None" : `${missing.length}`;
    throw new EngineError(
      "ModelUnsupported",
      `${name} cannot be merged: ${share} of its ${layers.size} layers ${missing.length === layers.size ? "is" : "are not"} found by name in this export of the model (${missing[0]}, for one)${kind}; choose an export that keeps the layers' names, such as optimum's, or another LoRA.`,
    );
  }
}

/** Features that the text encoders of a kind of model give to cross-attention: what its LoRAs' layers are as wide as. */
const KINDS = new Map([
  [768, "Stable Diffusion 1.x"],
  [1024, "Stable Diffusion 2.x"],
  [2048, "Stable Diffusion XL"],
]);

/** The kind of model that a LoRA's layers tell of; empty where they do not. */
function madeFor(layers: Lora["layers"]): string {
  for (const [key, { down }] of layers) {
    if (key.startsWith("transformer: ")) return "; it is made for a diffusion transformer such as Stable Diffusion 3";
    const kind = /^unet: .*attn2_to_[kv]$/.test(key) && down && KINDS.get(down.data.length / down.dims[0]);
    if (kind) return `; it is made for ${kind}`;
  }
  return "";
}

const FLOAT = 1;
const HALF = 10;

function toFloats(type: number, buffer: ArrayBuffer): Float32Array | undefined {
  if (type === FLOAT) return new Float32Array(buffer);
  return type === HALF ? fromHalf(new Uint16Array(buffer)) : undefined;
}

/** @param weight [out, in, ...] flat, or [in, out] where it is transposed */
function add(weight: Float32Array, { up, down, alpha }: LoraLayer, scale: number, isTransposed: boolean): void {
  const { data: left, dims: leftDims } = up as Tensor;
  const { data: right } = down as Tensor;
  const [outputs, rank] = leftDims;
  const inputs = right.length / rank;
  const factor = (scale * (alpha ?? rank)) / rank;
  const row = new Float64Array(inputs);
  for (let o = 0; o < outputs; o++) {
    row.fill(0);
    for (let r = 0; r < rank; r++) {
      const one = left[o * rank + r];
      for (let i = 0; i < inputs; i++) row[i] += one * right[r * inputs + i];
    }
    for (let i = 0; i < inputs; i++) weight[isTransposed ? i * outputs + o : o * inputs + i] += factor * row[i];
  }
}

interface Addressed {
  readonly key: string;
  readonly weight: Initializer;
  readonly isTransposed: boolean;
}

/** The layers whose weights can be told: by the weight's own name, or by the name of the node that multiplies by it. */
function addressable(part: PartName, { nodes, initializers }: GraphFile): Addressed[] {
  const weights = new Map(initializers.map((one) => [one.name, one]));
  const makers = new Map(nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)));
  return nodes.flatMap((node) => {
    if (!/^(Conv|Gemm|MatMul)$/.test(node.operator)) return [];
    const found = trace(node.inputs[1], weights, makers);
    if (!found) return [];
    const { weight, flips } = found;
    const own = /^(.+)\.weight(?:\.half)?$/.exec(weight.name)?.[1];
    const path = own ?? node.name.replace(/\/[^/]*$/, "");
    const isPlain = node.operator === "MatMul" || (node.operator === "Gemm" && !node.integers.transB?.[0]);
    return path ? [{ key: `${part}: ${normal(path)}`, weight, isTransposed: isPlain !== flips }] : [];
  });
}

/** Back through conversions and transpositions to where a weight is stored. */
function trace(name: string, weights: ReadonlyMap<string, Initializer>, makers: ReadonlyMap<string, GraphNode>) {
  let flips = false;
  for (let at = name; ; ) {
    const weight = weights.get(at);
    if (weight) return { weight, flips };
    const maker = makers.get(at);
    if (maker?.operator !== "Cast" && maker?.operator !== "Transpose") return undefined;
    if (maker.operator === "Transpose") flips = !flips;
    at = maker.inputs[0];
  }
}

/** `part: layer`, the layer's path joined by underscores as kohya's scripts do. */
function keyOf(path: string): string {
  const found = /^(?:lora_)?(unet|transformer|te1|te2|te3|te|text_encoder_2|text_encoder_3|text_encoder)[._](.+)$/.exec(
    path,
  );
  const short: Record<string, string> = {
    te: "text_encoder",
    te1: "text_encoder",
    te2: "text_encoder_2",
    te3: "text_encoder_3",
  };
  const part = found ? (short[found[1]] ?? found[1]) : "unet";
  return `${part}: ${normal(found?.[2] ?? path)}`;
}

/** Exporters put the module's own name in front, and diffusers' earlier LoRAs name the attention's processor. */
function normal(path: string): string {
  return path
    .replace(/[./]/g, "_")
    .replace(/^_+/, "")
    .replace(/^(?:unet_|text_(?=text_model_|encoder_)|transformer_(?=transformer_blocks_))/, "")
    .replace(/^text_model_/, "")
    .replace("_processor_", "_")
    .replace(/_to_out$/, "_to_out_0");
}

function notALora(name: string, problem: string): EngineError {
  return new EngineError("ModelUnsupported", `${name} cannot be used: ${problem}; choose another file.`);
}
