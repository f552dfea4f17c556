/**
 * What a model may be made of. Loading, recognition, the hub's choice of files, LoRAs and residency read this table; a new part is a row.
 */
import type { GraphValue, OnnxGraph } from "../formats/onnx-graph.ts";

/** What a part becomes once it is loaded: see `PartTypes` in load-model.ts. */
export type Role = "text encoder" | "backbone" | "VAE decoder" | "VAE encoder" | "network";

export interface PartRow {
  /** what pipelines ask for */
  readonly name: string;
  readonly role: Role;
  /** its folders in the diffusers layout: the first that holds a graph counts */
  readonly folders: readonly [string, ...string[]];
  /** its entry in model_index.json, where that has another name */
  readonly entry?: string;
  /** the folder of its tokenizer */
  readonly tokenizer?: string;
  /** the folder of the scheduler_config.json that it is sampled with */
  readonly scheduler?: string;
  /** a folder whose config.json it shares with other parts; what its own says counts */
  readonly sharedConfig?: string;
  /** more folders whose small files come with it */
  readonly files?: readonly string[];
  /** only some families have it: it is there where the folder has its folder */
  readonly optional?: true;
  /** no pipeline reads it yet, so it is not downloaded from a hub */
  readonly awaitsPipeline?: true;
  /** read when a run first asks for it, not as the model is loaded */
  readonly lazy?: true;
  /** gives what the last stage is decoded into */
  readonly output?: true;
  /** Networks of one group stay loaded together; where memory is short the other groups make room. */
  readonly group: string;
  /** what the trainers of LoRAs put before the names of its layers */
  readonly loraPrefixes?: readonly string[];
  /** whether a graph of a folder without the usual names is this part */
  readonly recognise?: (graph: Pick<OnnxGraph, "inputs" | "outputs">) => boolean;
}

const named = (values: readonly GraphValue[], pattern: RegExp) => values.some(({ name }) => pattern.test(name));

export const TIMESTEP = /^time_?steps?$|^t$/i;
/** the noisy input of a backbone, by the names that diffusers gives it */
export const SAMPLE = /^(sample|hidden_states)$/;

type Recognise = NonNullable<PartRow["recognise"]>;
const readsText: Recognise = ({ inputs }) => named(inputs, /^input_ids$/);
const isDenoiser: Recognise = ({ inputs }) => named(inputs, TIMESTEP);
const isTransformer: Recognise = (graph) => isDenoiser(graph) && named(graph.inputs, /^hidden_states$/);
const takesPicture: Recognise = ({ inputs: [first, ...others] }) => others.length === 0 && first?.shape.length === 4;
const givesLatents: Recognise = ({ outputs }) => named(outputs, /latent/i);

/** In the order in which they are loaded and recognised. */
export const PARTS = [
  {
    name: "text_encoder",
    role: "text encoder",
    folders: ["text_encoder"],
    tokenizer: "tokenizer",
    group: "text",
    loraPrefixes: ["text_encoder", "te1", "te"],
    recognise: readsText,
  },
  {
    name: "text_encoder_2",
    role: "text encoder",
    folders: ["text_encoder_2"],
    tokenizer: "tokenizer_2",
    group: "text",
    loraPrefixes: ["text_encoder_2", "te2"],
  },
  {
    name: "text_encoder_3",
    role: "text encoder",
    folders: ["text_encoder_3"],
    tokenizer: "tokenizer_3",
    group: "text",
    loraPrefixes: ["text_encoder_3", "te3"],
  },
  {
    name: "unet",
    role: "backbone",
    folders: ["unet"],
    scheduler: "scheduler",
    files: ["low_res_scheduler", "image_normalizer", "image_noising_scheduler"],
    group: "picture",
    loraPrefixes: ["unet"],
    recognise: (graph) => isDenoiser(graph) && !isTransformer(graph),
  },
  {
    name: "transformer",
    role: "backbone",
    folders: ["transformer"],
    scheduler: "scheduler",
    group: "picture",
    loraPrefixes: ["transformer"],
    recognise: isTransformer,
  },
  {
    name: "decoder",
    role: "backbone",
    folders: ["decoder"],
    scheduler: "decoder_scheduler",
    optional: true,
    awaitsPipeline: true,
    group: "picture",
  },
  {
    name: "prior",
    role: "backbone",
    folders: ["prior"],
    scheduler: "prior_scheduler",
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    group: "prior",
  },
  {
    name: "text_proj",
    role: "network",
    folders: ["text_proj"],
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    group: "text",
  },
  {
    name: "super_res_first",
    role: "backbone",
    folders: ["super_res_first"],
    scheduler: "super_res_scheduler",
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    group: "super resolution",
  },
  {
    name: "super_res_last",
    role: "backbone",
    folders: ["super_res_last"],
    scheduler: "super_res_scheduler",
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    output: true,
    group: "super resolution",
  },
  {
    name: "controlnet",
    role: "network",
    folders: ["controlnet", "cnet"],
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    group: "picture",
  },
  {
    name: "image_encoder",
    role: "network",
    folders: ["image_encoder"],
    files: ["feature_extractor"],
    optional: true,
    awaitsPipeline: true,
    lazy: true,
    group: "image",
  },
  {
    name: "vae_decoder",
    role: "VAE decoder",
    folders: ["vae_decoder", "vae"],
    entry: "vae",
    sharedConfig: "vae",
    output: true,
    group: "picture",
    recognise: (graph) => takesPicture(graph) && named(graph.inputs, /latent|^z$/i) && !givesLatents(graph),
  },
  {
    name: "vae_encoder",
    role: "VAE encoder",
    folders: ["vae_encoder"],
    entry: "vae",
    sharedConfig: "vae",
    lazy: true,
    group: "picture",
    recognise: (graph) => takesPicture(graph) && givesLatents(graph),
  },
  {
    name: "plane_decoder",
    role: "network",
    folders: ["plane_decoder"],
    optional: true,
    awaitsPipeline: true,
    group: "mesh",
  },
  {
    name: "point_decoder",
    role: "network",
    folders: ["point_decoder"],
    optional: true,
    awaitsPipeline: true,
    output: true,
    group: "mesh",
  },
] as const satisfies readonly PartRow[];

type Row = (typeof PARTS)[number];
export type PartName = Row["name"];
export type RoleOf<N extends PartName> = Extract<Row, { name: N }>["role"];
/** parts of a role */
export type NamesOf<R extends Role> = Extract<Row, { role: R }>["name"];

/** The rows, each with all its columns. */
export const parts: readonly (PartRow & { readonly name: PartName })[] = PARTS;

export function rowOf(name: PartName): PartRow & { readonly name: PartName } {
  return parts.find((row) => row.name === name) as PartRow & { readonly name: PartName };
}

export function namesOf<R extends Role>(role: R): NamesOf<R>[] {
  return parts.flatMap((row) => (row.role === role ? [row.name as NamesOf<R>] : []));
}

/** The networks of which a model has one: it is conditioned by the prompt, and gives the model its family. */
export const isMainBackbone = ({ role, lazy }: PartRow): boolean => role === "backbone" && !lazy;

/** Folders of the diffusers layout: the parts' own, and those of the small files that come with them. */
export const LAYOUT_FOLDERS: ReadonlySet<string> = new Set(
  parts.flatMap(({ folders, tokenizer, scheduler, sharedConfig, files = [] }) =>
    [...folders, tokenizer, scheduler, sharedConfig, ...files].filter((folder) => folder !== undefined),
  ),
);
