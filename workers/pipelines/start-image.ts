import { EngineError } from "../errors.ts";
import type { GenerateRequest, Picture } from "../protocol.ts";
import type { Job } from "./pipeline.ts";

/** The picture that a run starts from. */
export function startImageOf({ request: { image } }: Job): NonNullable<GenerateRequest["image"]> {
  if (image) return image;
  throw new EngineError("InvalidSetting", "This task starts from a picture; give one.");
}

export function maskOf({ request: { mask } }: Job): Picture {
  if (mask) return mask;
  throw new EngineError("InvalidSetting", "This task needs a mask; give one.");
}
