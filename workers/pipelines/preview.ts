import type { Model } from "../models/load-model.ts";
import type { Preview } from "../protocol.ts";
import type { Family } from "./families/types.ts";
import { fitPreview } from "./fit-preview.ts";
import { vaeOf } from "./latent-space.ts";

/** How a model's latents are shown without its decoder: as its darkroom.json says, as its family's latents are, or fitted once. */
export async function previewOf(model: Model, family: Family): Promise<Preview> {
  const { manifest, backbone } = model;
  const vae = vaeOf(model);
  const known = family.preview?.factors.length === vae.latentChannels ? family.preview : undefined;
  const map = manifest?.preview ?? known ?? (await fitPreview(vae, backbone.sizeMultiple));
  return { kind: "linear", ...map, scale: vae.scaleFactor };
}
