/** What a VAE's class scales latents by where its config.json does not say: the defaults of diffusers' classes. */

import type { OnnxGraph } from "../formats/onnx-graph.ts";
import type { Folder, ModelIndex } from "../sources/folder.ts";
import { partClass } from "../sources/folder.ts";
import { readConfig } from "./part-config.ts";
import type { PartRow } from "./table.ts";
import { type VaeConfig, vaeSchema } from "./vae.ts";

/** `scaling_factor` in the constructors of diffusers 0.42 (models/autoencoders), of the classes whose latents have two axes. */
const SCALING_FACTORS: Readonly<Record<string, number>> = {
  AsymmetricAutoencoderKL: 0.18215,
  AutoencoderDC: 1,
  AutoencoderKL: 0.18215,
  AutoencoderTiny: 1,
  ConsistencyDecoderVAE: 0.18215,
  VQModel: 0.18215,
};

/** What Stable Diffusion 1.x and 2.x were published with; diffusers' pipelines for ONNX folders know no other. */
const USUAL_CLASS = "AutoencoderKL";

/**
 * The decoder's config, its scaling factor from the class's default where the files have none.
 * @param derived what the decoder's graph says
 * @param backbone whose inputs tell Stable Diffusion 1.x and 2.x from models that scale otherwise
 * @param notify takes a sentence on what was assumed
 */
export async function readVaeConfig(
  folder: Folder,
  index: ModelIndex,
  row: PartRow,
  derived: VaeConfig,
  graphs: { decoder: OnnxGraph; backbone: OnnxGraph },
  notify: (notice: string) => void,
): Promise<VaeConfig> {
  const stated: VaeConfig = await readConfig(folder, row, vaeSchema, {});
  const config = { ...derived, ...stated };
  if (config.scaling_factor) return config;
  const isStated = Object.keys(stated).length > 0;
  const named = stated._class_name ?? partClass(index, "vae");
  // Without any config the class alone says too little: Stable Diffusion XL has the same one and another factor.
  const isUsual = isStableDiffusion(graphs.backbone) && isNormalised(graphs.decoder);
  const name = isStated ? (named ?? USUAL_CLASS) : isUsual ? USUAL_CLASS : "";
  const factor = SCALING_FACTORS[name];
  if (factor === undefined) return config;
  const cause = isStated
    ? "vae_decoder/config.json does not state scaling_factor"
    : "The model has no vae_decoder/config.json";
  notify(`${cause}; latents are scaled by ${factor}, the default of ${name}.`);
  return { ...config, scaling_factor: factor };
}

const isStableDiffusion = ({ inputs }: OnnxGraph) =>
  inputs.some(({ name }) => name === "encoder_hidden_states") &&
  !inputs.some(({ name }) => ["text_embeds", "time_ids", "pooled_projections"].includes(name));

/** AutoencoderKL normalises groups of channels; tiny autoencoders, whose latents are not scaled, do not. */
const isNormalised = ({ nodes }: OnnxGraph) => nodes.some(({ operator }) => /Norm(alization)?$/.test(operator));
