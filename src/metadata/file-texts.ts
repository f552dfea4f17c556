/** The texts that a picture file carries, whatever its format: by keyword in PNG, by tag in EXIF. */
import { isExifFormat } from "./formats/exif-formats";
import type { FileText } from "./formats/file-text";
import { isPng, pngExif, readPngText } from "./formats/png-text";

const MAX_BYTES = 1 << 28;
const SIGNATURE_BYTES = 12;

/**
 * None where the file is not a picture of a format that carries texts.
 * @throws Error with the cause and the remedy, where a PNG is damaged
 */
export async function readFileTexts(file: Blob): Promise<FileText[]> {
  const head = new Uint8Array(await file.slice(0, SIGNATURE_BYTES).arrayBuffer());
  if (!isPng(head) && !isExifFormat(head)) return [];
  if (file.size > MAX_BYTES) throw new Error("The file is larger than 256 MB, which no picture with settings is.");
  const bytes = new Uint8Array(await file.arrayBuffer());
  const texts = isPng(head) ? readPngText(bytes) : [];
  const exif = isPng(head) ? pngExif(bytes) : bytes;
  if (!exif) return texts;
  const { readExifTexts } = await import("./formats/exif-text"); // larger than all else here, and seldom needed
  return [...texts, ...readExifTexts(exif)];
}
