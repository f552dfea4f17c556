/** What a part's config.json says, and where it is silent or missing what its graph says. */
import type * as v from "valibot";
import { type WithoutNulls, withoutNulls } from "../formats/json.ts";
import type { GraphValue, Initializer, OnnxGraph } from "../formats/onnx-graph.ts";
import type { Folder } from "../sources/folder.ts";
import { type BackboneConfig, sampleOf } from "./backbone.ts";
import type { PartRow } from "./table.ts";
import type { TextEncoderConfig } from "./text-encoder.ts";
import type { VaeConfig } from "./vae.ts";

/** The file wins, field by field. */
export async function readConfig<S extends v.GenericSchema<unknown, object>>(
  folder: Folder,
  { name, sharedConfig }: PartRow,
  schema: S,
  derived: WithoutNulls<v.InferOutput<S>>,
): Promise<WithoutNulls<v.InferOutput<S>>> {
  let config = derived;
  for (const place of [sharedConfig, name]) {
    const stated = place && (await folder.optionalJson(`${place}/config.json`, schema));
    config = { ...config, ...withoutNulls(stated || {}) };
  }
  return config;
}

export function textEncoderConfig(graph: OnnxGraph): TextEncoderConfig {
  const ids = graph.inputs.find(({ name }) => name === "input_ids");
  const positions = graph.initializers.find(({ name, dims }) => /position_embedding/.test(name) && dims.length === 2);
  const length = number(ids, 1) ?? positions?.dims[0];
  const layers = graph.outputs.flatMap(({ name }) => /^hidden_states\.(\d+)$/.exec(name)?.[1] ?? []).map(Number);
  return {
    ...(length ? { max_position_embeddings: length } : {}),
    // hidden_states.N is what the last of N layers gives; an export with one of them gives the penultimate
    ...(layers.length > 0 ? { num_hidden_layers: layers.length === 1 ? layers[0] + 1 : Math.max(...layers) } : {}),
  };
}

export function backboneConfig(graph: OnnxGraph): BackboneConfig {
  const input = (pattern: RegExp) => graph.inputs.find(({ name }) => pattern.test(name));
  const sample = sampleOf(graph.inputs);
  const [first] = convolutions(graph);
  const channels = number(sample, 1) ?? first?.dims[1];
  const axes = sample?.shape.length ?? 0;
  const [height, width] = axes < 4 ? [] : [number(sample, axes - 2), number(sample, axes - 1)];
  const halvings = graph.nodes.filter(
    ({ integers: { strides } }) => strides?.length === 2 && strides.every((one) => one === 2),
  );
  const embedding = number(input(/^timestep_cond$/), 1);
  const text = number(input(/^encoder_hidden_states$/), 2);
  return {
    ...(channels ? { in_channels: channels } : {}),
    ...(height && width ? { sample_size: [height, width] } : {}),
    // of the channels nothing is asked but how many levels there are
    block_out_channels: new Array<number>(halvings.length + 1).fill(first?.dims[0] ?? 1),
    ...(embedding ? { time_cond_proj_dim: embedding } : {}),
    ...(text ? { joint_attention_dim: text } : {}),
  };
}

/** @param latentChannels the backbone's, for a decoder whose input leaves them open */
export function vaeConfig(decoder: OnnxGraph, latentChannels: number | undefined): VaeConfig {
  const doublings = decoder.nodes.filter(({ operator }) => operator === "Resize" || operator === "Upsample").length;
  const channels = number(decoder.inputs[0], 1) ?? convolutions(decoder)[0]?.dims[1] ?? latentChannels;
  return {
    block_out_channels: new Array<number>(doublings + 1).fill(1),
    ...(channels ? { latent_channels: channels } : {}),
  };
}

function number(value: GraphValue | undefined, axis: number): number | undefined {
  const size = value?.shape[axis];
  return typeof size === "number" ? size : undefined;
}

/** The weights of the convolutions, in the order in which they are run. */
function convolutions({ nodes, initializers }: OnnxGraph): Initializer[] {
  const byName = new Map(initializers.map((one) => [one.name, one]));
  return nodes.flatMap(({ operator, inputs }) => {
    const weight = operator.endsWith("Conv") ? byName.get(inputs[1]) : undefined;
    return weight?.dims.length === 4 ? [weight] : [];
  });
}
