import type { Model } from "../models/load-model.ts";

/** Whether the backbone was trained to inpaint: it takes the latents, a mask and the latents of the masked picture. */
export function seesMask({
  backbone,
  vae,
}: Pick<Model, "backbone"> & { readonly vae: Pick<Model["vae"], "latentChannels"> }): boolean {
  return backbone.inputChannels === 2 * vae.latentChannels + 1;
}
