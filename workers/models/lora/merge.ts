/** LoRAs in a graph's weights, before a session is made of them: W + scale * alpha / rank * up down (Hu et al. 2021, section 4.1). */

import { EngineError } from "../../errors.ts";
import { fromHalf, toHalf } from "../formats/float16.ts";
import type { GraphFile } from "../formats/graph-file.ts";
import type { GraphNode, Initializer } from "../formats/onnx-graph.ts";
import type { NamesOf, PartName } from "../parts/table.ts";
import { fromOriginal, normal } from "./layer-names.ts";
import { type Lora, type LoraLayer, notALora, some } from "./lora-file.ts";

/** Weights that take the place of others, by the initializer's name. */
export type Changed = ReadonlyMap<string, Uint8Array<ArrayBuffer>>;

/** The LoRAs of a model on its way, and which of their layers were found in it. */
export interface Merger {
  /** What the LoRAs make of a graph's weights. @throws EngineError ModelUnsupported where a layer is of another size */
  merge(part: PartName, file: GraphFile): Promise<Changed>;
  /** What was left out and assumed, a sentence each. @throws EngineError ModelUnsupported when most layers of a LoRA were not found */
  finish(): readonly string[];
}

/** @param layersPerBlock of the backbone, see `fromOriginal` */
export function createMerger(given: readonly Lora[], backbone: NamesOf<"backbone">, layersPerBlock: number): Merger {
  const loras = given.map((lora) => {
    const renamed = [...lora.layers].map(([key, layer]) => {
      const own = fromOriginal(key, layersPerBlock);
      return [own.replace(/^unet: /, `${backbone}: `), layer] as const;
    });
    return { ...lora, layers: new Map(renamed), applied: new Set<string>() };
  });
  return {
    async merge(part, file) {
      const changed = new Map<string, Uint8Array<ArrayBuffer>>();
      if (loras.length === 0) return changed;
      for (const { key, weight, isTransposed } of addressable(part, file)) {
        const meant = loras.filter(({ layers }) => layers.has(key));
        if (meant.length === 0) continue;
        const bytes = await file.weight(weight);
        const values = bytes && toFloats(weight.type, bytes.slice().buffer);
        if (!values) continue;
        for (const { name, scale, layers, applied } of meant) {
          const layer = layers.get(key) as LoraLayer;
          const { outputs, inputs } = layer.delta;
          const dims = isTransposed ? weight.dims.toReversed() : weight.dims;
          if (outputs * inputs !== values.length || outputs !== dims[0]) {
            throw notALora(
              name,
              `${key} is made for ${outputs} x ${inputs} weights and the model's layer is ${dims.join(" x ")}${madeFor(layers)}`,
            );
          }
          add(values, layer, scale, isTransposed);
          applied.add(key);
        }
        const stored = weight.type === HALF ? toHalf(values) : values;
        changed.set(weight.name, new Uint8Array(stored.buffer as ArrayBuffer));
      }
      return changed;
    },
    finish: () => loras.flatMap(({ applied, ...lora }) => [...lora.notices, ...checkApplied(lora, applied)]),
  };
}

/** A file whose layers are mostly unknown is another model's, or the export has lost the names; a few are left out. */
function checkApplied({ name, layers }: Lora, applied: ReadonlySet<string>): string[] {
  const missing = [...layers.keys()].filter((key) => !applied.has(key));
  if (missing.length === 0) return [];
  if (missing.length * 2 < layers.size) {
    const are = missing.length === 1 ? "is" : "are";
    return [`${name}: ${some(missing, "layer")} of ${layers.size} ${are} not in this model and left out.`];
  }
  const share = missing.length === layers.size ? "None" : `${missing.length}`;
  throw new EngineError(
    "ModelUnsupported",
    `${name} cannot be merged: ${share} of its ${layers.size} layers ${missing.length === layers.size ? "is" : "are not"} found by name in this export of the model (${missing[0]}, for one)${madeFor(layers)}; choose an export that keeps the layers' names, such as optimum's, or another LoRA.`,
  );
}

/** Features that the text encoders of a kind of model give to cross-attention: what its LoRAs' layers are as wide as. */
const KINDS = new Map([
  [768, "Stable Diffusion 1.x"],
  [1024, "Stable Diffusion 2.x"],
  [2048, "Stable Diffusion XL"],
]);

/** The kind of model that a LoRA's layers tell of; empty where they do not. */
function madeFor(layers: Lora["layers"]): string {
  for (const [key, { delta }] of layers) {
    if (/^transformer: .*(transformer_blocks|joint_blocks)_/.test(key)) {
      return "; it is made for a diffusion transformer such as Stable Diffusion 3";
    }
    const kind = /^unet: .*attn2_to_[kv]$/.test(key) && KINDS.get(delta.inputs);
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
function add(weight: Float32Array, layer: LoraLayer, scale: number, isTransposed: boolean): void {
  const { delta, alpha, divisor, magnitude } = layer;
  const { outputs, inputs } = delta;
  const at = (output: number, input: number) => (isTransposed ? input * outputs + output : output * inputs + input);
  const factor = (scale * alpha) / divisor;
  const row = new Float64Array(inputs);
  for (let output = 0; output < outputs; output++) {
    delta.fill(output, row);
    for (let i = 0; i < inputs; i++) weight[at(output, i)] += factor * row[i];
  }
  if (!magnitude || scale === 0) return;
  const { norms, isByInput } = magnitude;
  const places = inputs / norms.length;
  const groupOf = (output: number, input: number) => (isByInput ? Math.floor(input / places) : output);
  const squares = new Float64Array(norms.length);
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < inputs; i++) squares[groupOf(output, i)] += weight[at(output, i)] ** 2;
  }
  for (let output = 0; output < outputs; output++) {
    for (let i = 0; i < inputs; i++) {
      const group = groupOf(output, i);
      weight[at(output, i)] *= norms[group] / Math.sqrt(squares[group]);
    }
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
