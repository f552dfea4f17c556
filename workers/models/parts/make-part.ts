/** A part's network becomes what pipelines use: its config is read, and what it needs beside it. */
import type { GraphFile } from "../formats/graph-file.ts";
import type { Network } from "../runtime/network.ts";
import type { Folder, ModelIndex } from "../sources/folder.ts";
import { type Backbone, type BackboneConfig, backboneSchema, createBackbone } from "./backbone.ts";
import { backboneConfig, readConfig, textEncoderConfig, vaeConfig } from "./part-config.ts";
import { readTokenizer } from "./read-tokenizer.ts";
import type { NamesOf, PartName, PartRow, RoleOf } from "./table.ts";
import { createTextEncoder, type TextEncoder, textEncoderSchema } from "./text-encoder.ts";
import { createVaeDecoder, createVaeEncoder, type VaeDecoder, type VaeEncoder, vaeSchema } from "./vae.ts";
import { readVaeConfig } from "./vae-defaults.ts";

export interface PartTypes {
  readonly "text encoder": TextEncoder;
  readonly backbone: Backbone;
  readonly "VAE decoder": VaeDecoder;
  readonly "VAE encoder": VaeEncoder;
  readonly network: NetworkPart;
}
export type Part<N extends PartName = PartName> = PartTypes[RoleOf<N>];

/** A part that is run as it is. */
export interface NetworkPart {
  readonly network: Network;
  /** of its graph, for messages */
  readonly path: string;
}

/** What parts are told of each other. */
export interface Surroundings {
  readonly folder: Folder;
  readonly index: ModelIndex;
  readonly backbone: { readonly graph: GraphFile; readonly config: BackboneConfig };
  /** where it is loaded already */
  readonly vae: VaeDecoder | undefined;
  /** takes a sentence on what was assumed */
  readonly notify: (notice: string) => void;
}

/** @throws EngineError ModelUnsupported, ModelFileMissing, ModelFileCorrupt */
export async function makePart(
  row: PartRow & { readonly name: PartName },
  graph: GraphFile,
  network: Network,
  { folder, index, backbone, vae, notify }: Surroundings,
): Promise<Part> {
  const { path } = graph;
  switch (row.role) {
    case "text encoder": {
      const config = await readConfig(folder, row, textEncoderSchema, textEncoderConfig(graph));
      const place = row.tokenizer ?? "tokenizer";
      const tokenizer = await readTokenizer(folder, index, place, config.max_position_embeddings, notify);
      return createTextEncoder(network, config, tokenizer, row.name, path);
    }
    case "backbone": {
      const config = graph === backbone.graph ? backbone.config : await readBackboneConfig(folder, row, graph);
      return createBackbone(network, config, row.name as NamesOf<"backbone">, path);
    }
    case "VAE decoder": {
      const derived = vaeConfig(graph, backbone.config.in_channels);
      const graphs = { decoder: graph, backbone: backbone.graph };
      return createVaeDecoder(network, await readVaeConfig(folder, index, row, derived, graphs, notify), path);
    }
    case "VAE encoder":
      return createVaeEncoder(network, await readConfig(folder, row, vaeSchema, vae?.config ?? {}), path);
    case "network":
      return { network, path };
  }
}

export function readBackboneConfig(folder: Folder, row: PartRow, graph: GraphFile): Promise<BackboneConfig> {
  return readConfig(folder, row, backboneSchema, backboneConfig(graph));
}
