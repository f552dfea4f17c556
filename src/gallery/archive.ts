/** All pictures as one zip and back: gallery.json with the records, and a PNG each. Bytes stream; nothing is held whole. */
import { makeZip } from "client-zip";
import { unzip, type ZipEntry } from "unzipit";
import type { Settings } from "../../workers/protocol";
import { type PictureRecord, pictureFile } from "../records/picture";

const INDEX = "gallery.json";
const FOLDER = "pictures/";
/** The most entries that a zip below 4 GiB can count. */
const MAX_ENTRIES = 0xfffe;

/**
 * A zip with every picture, made as it is read, in the zip64 format where it passes 4 GiB. PNG files are stored, not compressed again.
 * @throws Error for more pictures than a zip can count
 */
export function zipGallery(
  records: readonly PictureRecord[],
  read: (id: string) => Promise<Blob>,
  onProgress: (done: number) => void,
): ReadableStream<Uint8Array> {
  if (records.length + 1 > MAX_ENTRIES)
    throw new Error(`A zip holds ${MAX_ENTRIES - 1} pictures and the gallery ${records.length}; delete some first.`);
  async function* files() {
    yield { name: INDEX, input: JSON.stringify({ version: 1, pictures: records }, null, 1) };
    for (const [i, { id, created }] of records.entries()) {
      yield { name: FOLDER + pictureFile(id), input: await read(id), lastModified: new Date(created) };
      onProgress(i + 1);
    }
  }
  return makeZip(files());
}

/**
 * Reads what `zipGallery` wrote, or a copy that was packed again, with or without a folder around it, and hands on each picture with its
 * record.
 * @returns how many pictures the list names and the zip does not hold
 * @throws Error for what is no such zip, with what to do
 */
export async function unzipGallery(
  archive: Blob,
  onPicture: (record: PictureRecord, png: Blob) => Promise<void>,
): Promise<number> {
  const files = await filesIn(archive);
  const index = closestIndex(files);
  if (index === undefined) throw unreadable(`it holds no ${INDEX}`);
  const folder = index.slice(0, -INDEX.length) + FOLDER;
  let missing = 0;
  for (const record of readIndex(await (await contentOf(files, index)).text())) {
    const name = folder + pictureFile(record.id);
    if (files.has(name)) await onPicture(record, await contentOf(files, name, "image/png"));
    else missing++;
  }
  return missing;
}

/** By their paths with slashes: some Windows programs write backslashes. */
async function filesIn(archive: Blob): Promise<Map<string, ZipEntry>> {
  try {
    const { entries } = await unzip(archive);
    return new Map(Object.values(entries).map((entry) => [entry.name.replaceAll("\\", "/"), entry]));
  } catch (error) {
    throw unreadable((error as Error).message);
  }
}

async function contentOf(files: Map<string, ZipEntry>, name: string, type?: string): Promise<Blob> {
  try {
    return await (files.get(name) as ZipEntry).blob(type);
  } catch (error) {
    throw unreadable(`its ${name} is damaged (${(error as Error).message})`);
  }
}

/** The list in the outermost folder: packing a folder again puts its name in front of every path. */
function closestIndex(files: Map<string, ZipEntry>): string | undefined {
  const depth = (path: string) => path.split("/").length;
  return [...files.keys()]
    .filter((path) => path === INDEX || path.endsWith(`/${INDEX}`))
    .sort((a, b) => depth(a) - depth(b))
    .at(0);
}

function readIndex(text: string): PictureRecord[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw unreadable(`its ${INDEX} is damaged`);
  }
  const pictures = (value as { pictures?: unknown } | null)?.pictures;
  if (!Array.isArray(pictures)) throw unreadable(`its ${INDEX} lists no pictures`);
  return pictures.filter(isRecord);
}

/** Only what the page relies on: everything else is shown as it is. */
function isRecord(value: unknown): value is PictureRecord {
  const { id, created, model, settings, width, height, bytes } = (value ?? {}) as Partial<PictureRecord>;
  return (
    typeof id === "string" &&
    /^[\w-]+$/.test(id) &&
    [created, width, height, bytes].every((number) => typeof number === "number" && Number.isFinite(number)) &&
    typeof model?.id === "string" &&
    typeof model.title === "string" &&
    isSettings(settings)
  );
}

function isSettings(value: Partial<Settings> | undefined): boolean {
  const { prompt, negativePrompt, sampler, steps, guidanceScale, seed, width, height } = value ?? {};
  return (
    [prompt, negativePrompt, sampler].every((text) => typeof text === "string") &&
    [steps, guidanceScale, seed, width, height].every((number) => typeof number === "number" && Number.isFinite(number))
  );
}

function unreadable(cause: string): Error {
  return new Error(`This is no gallery that Darkroom exported: ${cause}. Choose a zip that "Export all" made.`);
}
