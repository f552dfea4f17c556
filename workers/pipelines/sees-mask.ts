import type { Model } from "../models/load-model.ts";
import { vaeOf } from "./latent-space.ts";

/** Whether the backbone was trained to inpaint: it takes the latents, a mask and the latents of the masked picture. */
export function seesMask(model: Pick<Model, "backbone" | "vae">): boolean {
  return model.backbone.inputChannels === 2 * vaeOf(model).latentChannels + 1;
}
