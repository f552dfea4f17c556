import { EngineError } from "../../errors.ts";
import type { Model } from "../../models/load-model.ts";
import { GUIDANCE_EMBEDDING } from "../guidance-embedding.ts";
import { stableDiffusion } from "./stable-diffusion.ts";
import { stableDiffusion3 } from "./stable-diffusion-3.ts";
import { stableDiffusionXl } from "./stable-diffusion-xl.ts";
import type { Family } from "./types.ts";

/** Every family; a new one is a file and a line here. */
const families: readonly Family[] = [stableDiffusion, stableDiffusionXl, stableDiffusion3];

/** @throws EngineError ModelUnsupported: which input of the backbone nothing here can fill */
export function familyOfModel({ backbone, index }: Model): Family {
  const wanted = new Set(backbone.conditions);
  const family = families.find((one) => one.matches(wanted)) ?? stableDiffusion;
  const given = new Set([...family.conditions, GUIDANCE_EMBEDDING]);
  const unknown = backbone.conditions.find((name) => !given.has(name));
  if (unknown === undefined) return family;
  throw new EngineError(
    "ModelUnsupported",
    `The model (${index._class_name ?? "of no class"}) takes an input "${unknown}", which Darkroom cannot fill; choose another model.`,
  );
}
