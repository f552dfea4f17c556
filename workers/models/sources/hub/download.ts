/**
 * Files of a hub repository into the cache: parts in parallel, each journaled, so that pausing is aborting and resuming is calling again.
 */
import type { RepositoryFile, TransferProgress } from "../../../protocol.ts";
import type { ContentCache, PartialContent } from "../cache/content-cache.ts";
import { chunksOf } from "../read-body.ts";
import { HubError, refused, unreachable } from "./hub-error.ts";
import { fileUrl, type Repository } from "./repository.ts";

/** What a file is fetched from. */
export type Origin = Pick<Repository, "address" | "commit">;

export interface DownloadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: TransferProgress) => void;
  /** requests at a time */
  readonly parallel?: number;
  /** Reads what is here already, and fetches again the parts that are not what was written. */
  readonly recheck?: boolean;
  /** Waits between two tries. */
  readonly wait?: (seconds: number, signal: AbortSignal) => Promise<void>;
}

const PARALLEL = 4;
const TRIES = 4;
/** A hub that asks for more patience is left to the visitor, who is told how long. */
const MOST_SECONDS = 30;

/** @throws HubError, EngineError DiskFull; the signal's reason when it is aborted. What has arrived stays. */
export async function downloadFiles(
  repository: Origin,
  files: readonly RepositoryFile[],
  cache: ContentCache,
  options: DownloadOptions = {},
): Promise<void> {
  const totalBytes = files.reduce((sum, { content }) => sum + content.bytes, 0);
  let done = 0;
  for (const file of files) {
    const tell = (stage: TransferProgress["stage"], bytes: number) =>
      options.onProgress?.({ stage, path: file.path, loadedBytes: done + bytes, totalBytes });
    options.signal?.throwIfAborted();
    const here = (await cache.get(file.content)) && (!options.recheck || (await cache.verify(file.content)));
    if (!here) await downloadFile(repository, file, cache, options, tell);
    done += file.content.bytes;
    options.onProgress?.({ stage: "verify", path: file.path, loadedBytes: done, totalBytes });
  }
}

async function downloadFile(
  repository: Origin,
  file: RepositoryFile,
  cache: ContentCache,
  options: DownloadOptions,
  tell: (stage: TransferProgress["stage"], bytes: number) => void,
): Promise<void> {
  const url = fileUrl(repository, file.path);
  const content = await cache.open(file.content);
  try {
    const fetchPart = partFetcher(url, file, content, options.wait ?? waitFor);
    await fetchAll(content, content.missing(), fetchPart, options, tell, false);
    if (await content.finish((bytes) => tell("verify", bytes))) return;
    // The hub records a digest of the whole file only. Every part is asked for again, and those that differ are written: one of the two
    // answers was damaged on its way, and the second check says whether the first one was.
    const all = Array.from({ length: content.parts }, (_, part) => part);
    await fetchAll(content, all, fetchPart, options, tell, true);
    if (await content.finish((bytes) => tell("verify", bytes))) return;
  } finally {
    await content.close();
  }
  await cache.remove(file.content);
  throw new HubError(
    "lying",
    `${file.path} from ${url.host} is not the file that its record names (the digest differs, twice); tell the owner of ${repository.address.repository}, or choose another revision.`,
  );
}

type FetchPart = (
  part: number,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
) => Promise<Uint8Array<ArrayBuffer>>;

/** @param mend writes only the parts that differ from what is there */
async function fetchAll(
  content: PartialContent,
  parts: readonly number[],
  fetchPart: FetchPart,
  { signal, parallel = PARALLEL }: DownloadOptions,
  tell: (stage: "fetch", bytes: number) => void,
  mend: boolean,
): Promise<void> {
  const lengthOf = (part: number) => content.range(part).end - content.range(part).start;
  const whole = content.parts === 0 ? 0 : content.range(content.parts - 1).end;
  const toFetch = parts.reduce((sum, part) => sum + lengthOf(part), 0);
  let loaded = whole - toFetch;
  tell("fetch", loaded);
  const queue = [...parts];
  const failed = new AbortController();
  const both = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const work = async () => {
    for (let part = queue.shift(); part !== undefined; part = queue.shift()) {
      both.throwIfAborted();
      const bytes = await fetchPart(part, both, (more) => {
        loaded += more;
        tell("fetch", loaded);
      });
      if (!mend || (await content.differs(part, bytes))) await content.write(part, bytes);
    }
  };
  const workers = Array.from({ length: Math.min(parallel, parts.length) }, () =>
    work().catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
  );
  // All of them must have let go of the file before it is closed; the first failure is the one to tell.
  await Promise.allSettled(workers);
  signal?.throwIfAborted();
  if (failed.signal.aborted) throw failed.signal.reason;
}

function partFetcher(
  url: URL,
  file: RepositoryFile,
  content: PartialContent,
  wait: NonNullable<DownloadOptions["wait"]>,
): FetchPart {
  let validator: string | undefined;
  const once: FetchPart = async (part, signal, onBytes) => {
    const { start, end } = content.range(part);
    const ranged = content.parts > 1;
    let response: Response;
    try {
      response = await fetch(url, {
        credentials: "omit",
        cache: "no-store",
        signal,
        ...(ranged ? { headers: { Range: `bytes=${start}-${end - 1}` } } : {}),
      });
    } catch (error) {
      throw signal.aborted ? error : unreachable(file.path, url.host);
    }
    try {
      if (!response.ok) throw refused(file.path, response);
      if (ranged) {
        checkRange(response, file, start, end, url.host);
        const etag = response.headers.get("ETag");
        if (etag) validator ??= etag;
        if (etag && etag !== validator) throw changed(file.path, url.host);
      }
    } catch (error) {
      void response.body?.cancel().catch(() => {});
      throw error;
    }
    return readBody(response, end - start, file.path, url.host, signal, onBytes);
  };
  return async (part, signal, onBytes) => {
    for (let attempt = 1; ; attempt++) {
      let counted = 0;
      try {
        return await once(part, signal, (bytes) => {
          counted += bytes;
          onBytes(bytes);
        });
      } catch (error) {
        onBytes(-counted);
        const again =
          error instanceof HubError &&
          ["unreachable", "server", "rate limited"].includes(error.problem) &&
          !signal.aborted;
        const seconds = (error instanceof HubError ? error.retryAfter : undefined) ?? 2 ** (attempt - 1);
        if (!again || attempt === TRIES || seconds > MOST_SECONDS) throw error;
        await wait(seconds, signal);
      }
    }
  };
}

function checkRange(response: Response, file: RepositoryFile, start: number, end: number, host: string): void {
  if (response.status !== 206) {
    throw new HubError(
      "lying",
      `${host} does not give ${file.path} in parts; download the folder there and open it from the disk.`,
    );
  }
  // Absent where the other origin does not expose it; the length and the digest hold then.
  const range = response.headers.get("Content-Range");
  const match = range?.match(/^bytes (\d+)-(\d+)\/(\d+)$/);
  if (!match) return;
  if (Number(match[3]) !== file.content.bytes) throw changed(file.path, host);
  if (Number(match[1]) !== start || Number(match[2]) !== end - 1) {
    throw new HubError("lying", `${host} gave another part of ${file.path} than was asked for; try again later.`);
  }
}

async function readBody(
  response: Response,
  length: number,
  path: string,
  host: string,
  signal: AbortSignal,
  onBytes: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for await (const chunk of chunksOf(response, (error) => (signal.aborted ? error : unreachable(path, host)))) {
    if (at + chunk.length > length) throw changed(path, host);
    bytes.set(chunk, at);
    at += chunk.length;
    onBytes(chunk.length);
  }
  if (at < length) throw unreachable(path, host);
  return bytes;
}

function changed(path: string, host: string): HubError {
  return new HubError(
    "changed",
    `${path} changed at ${host} during the download; list the repository again and go on.`,
  );
}

function waitFor(seconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, seconds * 1000);
    signal.addEventListener("abort", stop, { once: true });
  });
}
