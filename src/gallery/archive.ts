/** All pictures as one zip and back: gallery.json with the records, and a PNG each. Bytes stream; nothing is held whole. */
import { AsyncUnzipInflate, Unzip, UnzipPassThrough, Zip, ZipPassThrough } from "fflate";
import type { Settings } from "../../workers/protocol";
import { type PictureRecord, pictureFile } from "./record";

const INDEX = "gallery.json";
const FOLDER = "pictures/";
/** Bytes handed on at a time: a checksum over them takes a millisecond or two. */
const SLICE = 1 << 18;

/** A zip with every picture, made as it is read. PNG files are stored, not compressed again. */
export function zipGallery(
  records: readonly PictureRecord[],
  read: (id: string) => Promise<Blob>,
  onProgress: (done: number) => void,
): ReadableStream<Uint8Array> {
  const chunks: Uint8Array[] = [];
  const zip = new Zip((error, chunk) => {
    if (error) throw error;
    chunks.push(chunk);
  });
  const parts = (async function* () {
    yield* file(INDEX, new Blob([JSON.stringify({ version: 1, pictures: records }, null, 1)]));
    for (const [i, { id }] of records.entries()) {
      yield* file(FOLDER + pictureFile(id), await read(id));
      onProgress(i + 1);
    }
    zip.end();
    yield;
  })();

  async function* file(name: string, content: Blob) {
    const entry = new ZipPassThrough(name);
    zip.add(entry);
    for (let from = 0; from < content.size; from += SLICE) {
      const slice = content.slice(from, from + SLICE);
      entry.push(new Uint8Array(await slice.arrayBuffer()), from + SLICE >= content.size);
      yield;
    }
    if (content.size === 0) entry.push(new Uint8Array(), true);
  }

  return new ReadableStream({
    async pull(controller) {
      while (chunks.length === 0) {
        const { done } = await parts.next();
        if (done) {
          controller.close();
          return;
        }
      }
      for (const chunk of chunks.splice(0)) controller.enqueue(chunk);
    },
    async cancel() {
      await parts.return(undefined);
    },
  });
}

/**
 * Reads what `zipGallery` wrote (or a copy that was packed again) and hands on each picture with its record.
 * @throws Error for what is no such zip, with what to do
 */
export async function unzipGallery(
  archive: Blob,
  onPicture: (record: PictureRecord, png: Blob) => Promise<void>,
): Promise<void> {
  const files = new Map<string, Blob>();
  const unzip = new Unzip();
  unzip.register(UnzipPassThrough);
  unzip.register(AsyncUnzipInflate);
  const waiting: Promise<void>[] = [];
  unzip.onfile = (entry) => {
    waiting.push(
      new Promise((resolve, reject) => {
        const parts: BlobPart[] = [];
        entry.ondata = (error, chunk, last) => {
          if (error) reject(error);
          else parts.push(chunk as Uint8Array<ArrayBuffer>);
          if (last) {
            // A Blob may lie on the disk; bytes in an array would not.
            files.set(entry.name, new Blob(parts));
            resolve();
          }
        };
        entry.start();
      }),
    );
  };
  try {
    for (let from = 0; from < archive.size; from += SLICE) {
      const slice = archive.slice(from, from + SLICE);
      unzip.push(new Uint8Array(await slice.arrayBuffer()), from + SLICE >= archive.size);
    }
    await Promise.all(waiting);
  } catch (error) {
    throw unreadable((error as Error).message);
  }
  const index = files.get(INDEX);
  if (!index) throw unreadable(`it holds no ${INDEX}`);
  for (const record of readIndex(await index.text())) {
    const png = files.get(FOLDER + pictureFile(record.id));
    if (png) await onPicture(record, new Blob([png], { type: "image/png" }));
  }
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
