/** What was asked for beyond the fields of the form, in words. */
import type { HighResolution, Variation } from "../../workers/protocol";

export function variationText({ seed, strength, of }: Variation): string {
  return `Variation ${seed}, strength ${strength}${of ? `, of ${variationText(of).toLowerCase()}` : ""}`;
}

export function highResolutionText({ scale, steps, strength, upscaler }: HighResolution): string {
  return `${scale} times as large${upscaler === "pixels" ? " by Lanczos" : ""}, ${steps} more steps, strength ${strength}`;
}
