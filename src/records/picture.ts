/** What the gallery knows of a picture; the picture itself lies in a file of its own. */
import type { MergedLora, Settings } from "../../workers/protocol";
import type { Run } from "../runs/run";

export interface PictureRecord {
  /** the run's */
  id: string;
  /** milliseconds since 1970 */
  created: number;
  model: { id: string; title: string };
  loras?: MergedLora[];
  settings: Settings;
  /** of image-to-image and inpainting */
  strength?: number;
  masked?: boolean;
  /** the picture that it branched from, and after which step (0 is the first) */
  parent?: { id: string; step: number };
  /** pixels */
  width: number;
  height: number;
  /** of the PNG file */
  bytes: number;
}

export const pictureFile = (id: string) => `${id}.png`;
export const thumbnailFile = (id: string) => `${id}.webp`;

/** The record of a finished run. */
export function recordOf(
  { id, model, settings, image, mask, parent, result, png }: Run,
  created: number,
): PictureRecord {
  return {
    id,
    created,
    model: { id: model.id, title: model.title },
    ...(model.loras && { loras: model.loras }),
    settings,
    ...(image && { strength: image.strength }),
    ...(mask && { masked: true }),
    ...(parent && { parent }),
    width: result?.output.picture.width ?? settings.width,
    height: result?.output.picture.height ?? settings.height,
    bytes: png?.size ?? 0,
  };
}

/** Newest first; every word of the search is somewhere in the prompts. An empty model is any. */
export function findPictures(records: readonly PictureRecord[], search: string, model: string): PictureRecord[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  return records.filter(({ settings, model: { id } }) => {
    const text = `${settings.prompt}\n${settings.negativePrompt}`.toLowerCase();
    return (model === "" || id === model) && words.every((word) => text.includes(word));
  });
}

/** The picture's ancestors, the nearest first, and its direct branches. What was deleted leaves a gap. */
export function familyOf(records: readonly PictureRecord[], record: PictureRecord) {
  const byId = new Map(records.map((one) => [one.id, one]));
  const ancestors: PictureRecord[] = [];
  for (let one = record.parent && byId.get(record.parent.id); one; one = one.parent && byId.get(one.parent.id)) {
    if (ancestors.includes(one)) break; // an imported file may lie
    ancestors.push(one);
  }
  return { ancestors, branches: records.filter(({ parent }) => parent?.id === record.id) };
}
