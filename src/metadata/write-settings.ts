/** A PNG file that carries its settings twice: as AUTOMATIC1111's `parameters` text, and exactly, as JSON. */
import type { Run } from "../runs/run";
import { writePngText } from "./formats/png-text";
import { writeOwn } from "./own-json";
import { type Made, writeParameters } from "./programs/automatic1111";
import { OWN_KEYWORD } from "./read-settings";

export function madeOf({ settings, model, image }: Pick<Run, "settings" | "model" | "image">): Made {
  const { id, title, loras } = model;
  return { settings, model: { id, title }, ...(image && { strength: image.strength }), ...(loras && { loras }) };
}

export async function withSettings(png: Blob, made: Made): Promise<Blob> {
  const bytes = new Uint8Array(await png.arrayBuffer());
  const texts = [
    { keyword: "parameters", text: writeParameters(made) },
    { keyword: OWN_KEYWORD, text: writeOwn(made) },
  ];
  return new Blob(writePngText(bytes, texts), { type: "image/png" });
}
