/** The model library without a thread around it: library.worker.ts exposes it to the page. */

import { sha256 } from "@noble/hashes/sha2.js";
import { EngineError, toEngineError } from "./errors.ts";
import { createLock } from "./models/runtime/lock.ts";
import type { CachedModel, ModelCache } from "./models/sources/cache/model-index.ts";
import { filesIn } from "./models/sources/folder-files.ts";
import { keepFiles } from "./models/sources/http-files.ts";
import { chooseFiles } from "./models/sources/hub/choose-files.ts";
import { downloadFiles } from "./models/sources/hub/download.ts";
import { openRepository } from "./models/sources/hub/repository.ts";
import { toHex } from "./models/sources/sha256.ts";
import type { ModelLibrary, OfferedModel, RepositoryFile, TransferProgress } from "./protocol.ts";

/** Milliseconds between two reports of progress. */
const REPORT = 100;
/** Bytes of a copied file in memory at a time. */
const CHUNK = 2 ** 24;

export function createLibrary(open: () => Promise<ModelCache>): ModelLibrary {
  /** A list must not meet a record that is half written. */
  const inTurn = createLock();
  const underWay = new Map<string, AbortController>();

  const exclusively = async <T>(id: string, job: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    if (underWay.has(id)) throw new EngineError("Busy", "This model is already downloading; wait for it or pause it.");
    const own = new AbortController();
    underWay.set(id, own);
    try {
      return await job(own.signal);
    } catch (error) {
      throw own.signal.aborted ? new EngineError("Cancelled", "Paused; what has arrived is kept.") : error;
    } finally {
      underWay.delete(id);
    }
  };

  return {
    list: guarded(async () => {
      const { cache, models } = await inTurn(async () => {
        const opened = await open();
        return { cache: opened, models: await opened.list() };
      });
      return Promise.all(
        models.map(async ({ id, title, license, files, offer }) => {
          const stored = await Promise.all(files.map(({ content }) => cache.contents.storedBytes(content)));
          // Parts may all be here and the whole not yet checked.
          const whole = (await Promise.all(files.map(({ content }) => cache.contents.get(content)))).every(Boolean);
          const bytes = sum(files.map(({ content }) => content.bytes));
          const storedBytes = whole ? bytes : Math.min(sum(stored), bytes - 1);
          return { id, title, license, bytes, storedBytes, ...(offer ? { offer } : {}) };
        }),
      );
    }),

    inspect: guarded(async (typed, precision) => {
      const repository = await openRepository(typed);
      const { files, parts, bytes } = chooseFiles(repository, precision);
      const half = parts.some((part) => part.precision === "float16");
      const { address, commit, license, gated } = repository;
      const place = address.folder ? `${address.repository}/${address.folder}` : address.repository;
      return {
        id: `${place.replace(/[^\w.-]+/g, "--")}--${commit.slice(0, 12)}${half ? "--float16" : ""}`,
        title: `${place}${address.revision === "main" ? "" : ` (${address.revision})`}`,
        address,
        commit,
        license,
        gated,
        files,
        parts: parts.map(({ part, precision: named }) => ({ part, precision: named })),
        bytes,
      };
    }),

    download: guarded((offer, onProgress) =>
      exclusively(offer.id, async (signal) => {
        const cache = await inTurn(async () => {
          const opened = await open();
          await opened.put(recordOf(offer));
          return opened;
        });
        await downloadFiles(offer, offer.files, cache.contents, { signal, onProgress: throttled(onProgress) });
      }),
    ),

    check: guarded((id, onProgress) =>
      exclusively(id, async (signal) => {
        const cache = await open();
        const { files, offer } = await cache.find(id);
        let right = true;
        for (const { content } of files) {
          signal.throwIfAborted();
          right &&= await cache.contents.verify(content);
        }
        if (right) return true;
        if (!offer) {
          throw new EngineError(
            "ModelFileCorrupt",
            "A file of the model has changed on the disk; delete the model and copy its folder again.",
          );
        }
        await downloadFiles(offer, files, cache.contents, {
          signal,
          recheck: true,
          onProgress: throttled(onProgress),
        });
        return false;
      }),
    ),

    copy: guarded(async (title, folder, onProgress) => {
      const cache = await open();
      const source = filesIn(folder);
      const id = `folder--${title.replace(/[^\w.-]+/g, "-")}`;
      return exclusively(id, async (signal) => {
        const tell = throttled(onProgress);
        const blobs = await Promise.all(
          ((await source.list?.()) ?? []).map(async (path) => ({ path, blob: (await source.blob(path)) as Blob })),
        );
        const totalBytes = sum(blobs.map(({ blob }) => blob.size));
        const files: RepositoryFile[] = [];
        let loadedBytes = 0;
        for (const { path, blob } of blobs) {
          files.push({
            path,
            content: { algorithm: "sha256", digest: await digestOf(blob, signal), bytes: blob.size },
          });
          loadedBytes += blob.size;
          tell({ stage: "verify", path, loadedBytes, totalBytes });
        }
        if (!files.some(({ path }) => path.endsWith(".onnx"))) {
          throw new EngineError(
            "ModelFileMissing",
            `${title} has no ONNX graph; choose the folder of an export to ONNX.`,
          );
        }
        await inTurn(() => cache.put({ id, title, license: undefined, files }));
        loadedBytes = 0;
        for (const [index, { path, content }] of files.entries()) {
          if (!(await cache.contents.get(content))) {
            const opened = await cache.contents.open(content);
            try {
              for (const part of opened.missing()) {
                signal.throwIfAborted();
                const { start, end } = opened.range(part);
                await opened.write(part, new Uint8Array(await blobs[index].blob.slice(start, end).arrayBuffer()));
                tell({ stage: "fetch", path, loadedBytes: loadedBytes + end, totalBytes });
              }
              if (!(await opened.finish())) {
                throw new EngineError(
                  "ModelFileCorrupt",
                  `${path} changed while it was copied; copy the folder again.`,
                );
              }
            } finally {
              await opened.close();
            }
          }
          loadedBytes += content.bytes;
        }
        return id;
      });
    }),

    keep: guarded(keepFiles),

    pause: (id) => underWay.get(id)?.abort(),
    remove: guarded(async (id) => {
      underWay.get(id)?.abort();
      await inTurn(async () => (await open()).remove(id));
    }),
  };
}

function recordOf(offer: OfferedModel): CachedModel {
  const { id, title, license, files } = offer;
  return { id, title, license, files, offer };
}

async function digestOf(blob: Blob, signal: AbortSignal): Promise<string> {
  const hash = sha256.create();
  for (let at = 0; at < blob.size; at += CHUNK) {
    signal.throwIfAborted();
    hash.update(new Uint8Array(await blob.slice(at, at + CHUNK).arrayBuffer()));
  }
  return toHex(hash.digest());
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);

/** At most ten a second; what a stalled transfer stands at is told, too. */
function throttled(onProgress: (progress: TransferProgress) => void): (progress: TransferProgress) => void {
  let last = Number.NEGATIVE_INFINITY;
  let later: ReturnType<typeof setTimeout> | undefined;
  const tell = (progress: TransferProgress) => {
    last = performance.now();
    onProgress(progress);
  };
  return (progress) => {
    clearTimeout(later);
    const wait = last + REPORT - performance.now();
    if (wait <= 0 || progress.loadedBytes >= progress.totalBytes) tell(progress);
    else later = setTimeout(() => tell(progress), wait);
  };
}

/** Whatever is thrown leaves as an EngineError. */
function guarded<A extends unknown[], R>(call: (...args: A) => Promise<R>): (...args: A) => Promise<R> {
  return async (...args) => {
    try {
      return await call(...args);
    } catch (error) {
      throw toEngineError(error);
    }
  };
}
