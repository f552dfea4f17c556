/** A file from an address, fetched on from where a broken connection left it. */
import { EngineError } from "../../errors.ts";
import { chunksOf } from "./read-body.ts";

export interface FetchOptions {
  /** of the model, for messages */
  readonly model: string;
  /** in the model's folder, for messages */
  readonly path: string;
  /** bytes of the whole file, where they are known; without them a broken file is begun again */
  readonly size?: number | undefined;
  /** the beginning of the file, where it is here already */
  readonly start?: Uint8Array<ArrayBuffer> | undefined;
  /** past any cache of the browser */
  readonly fresh?: boolean | undefined;
  /** told each piece and where in the file it lies; one at 0 begins the file again */
  readonly onChunk?: (chunk: Uint8Array<ArrayBuffer>, at: number) => void;
  readonly onProgress?: ((loadedBytes: number) => void) | undefined;
  /** waits between two tries */
  readonly wait?: ((seconds: number) => Promise<void>) | undefined;
}

/** Tries in a row that bring not a byte, after which the file is given up. */
const MOST_VAIN_TRIES = 4;
const MOST_SECONDS_OFFLINE = 30;

/** @throws EngineError ModelFileMissing, NetworkFailed */
export async function fetchFile(url: URL, options: FetchOptions): Promise<Uint8Array<ArrayBuffer>> {
  const { size, onChunk, onProgress, wait = waitForNetwork } = options;
  let chunks = options.start?.length ? [options.start] : [];
  const loaded = () => chunks.reduce((sum, { length }) => sum + length, 0);
  for (let vain = 0; ; ) {
    const before = loaded();
    try {
      const { response, offset } = await request(url, before, options);
      if (offset < before) chunks = [];
      let at = offset;
      for await (const chunk of chunksOf(response, () => new Broken())) {
        onChunk?.(chunk, at);
        chunks.push(chunk);
        at += chunk.length;
        onProgress?.(at);
      }
      return joined(chunks);
    } catch (error) {
      if (!(error instanceof Broken)) throw error;
      if (size === undefined) chunks = [];
      vain = loaded() > before ? 0 : vain + 1;
      // Offline before the first byte: the page loads again when the network is back.
      if (vain === MOST_VAIN_TRIES || (isOffline() && loaded() === 0)) throw error.said ?? unreachable(options);
      await wait(2 ** vain / 2);
    }
  }
}

/** The connection failed, or the host cannot answer now: worth another try. */
class Broken extends Error {
  readonly said: EngineError | undefined;
  constructor(said?: EngineError) {
    super("The connection broke.");
    this.said = said;
  }
}

/** @returns the answer, and where in the file its body begins: at 0 where the host gives no part, or the file is another one now */
async function request(url: URL, from: number, options: FetchOptions): Promise<{ response: Response; offset: number }> {
  const { model, path, size, fresh } = options;
  // One byte too many where all is there: the end of the body tells then that there is no more.
  const ranged = from > 0 && size !== undefined && from < size;
  let response: Response;
  try {
    response = await fetch(url, {
      ...(ranged ? { headers: { Range: `bytes=${from}-` }, cache: "no-store" } : {}),
      ...(!ranged && { cache: fresh ? "reload" : "no-cache" }),
    });
  } catch {
    throw new Broken();
  }
  const { status, ok, headers } = response;
  if (ranged && status === 206) {
    // Absent where another origin does not expose it: the file's SHA-256 holds then.
    const part = /^bytes (\d+)-\d+\/(\d+)$/.exec(headers.get("Content-Range") ?? "");
    if (!part || (Number(part[1]) === from && Number(part[2]) === size)) return { response, offset: from };
  }
  if (ranged && (status === 206 || status === 416)) {
    await response.body?.cancel().catch(() => {});
    return request(url, 0, options);
  }
  if (status === 404 || status === 410) {
    throw new EngineError(
      "ModelFileMissing",
      `The model file ${path} is not at ${url.host}; put it there and load again.`,
    );
  }
  const said = () =>
    new EngineError("NetworkFailed", `${url.host} answered ${status} for a part of ${model}; try again later.`);
  if (status >= 500 || status === 429) throw new Broken(said());
  if (!ok) throw said();
  return { response, offset: 0 };
}

function unreachable({ model, size }: FetchOptions): EngineError {
  const kept = size === undefined ? "" : ": what has arrived is kept";
  return new EngineError(
    "NetworkFailed",
    `${model} cannot be fetched completely; check the connection and load again${kept}.`,
  );
}

const isOffline = () => navigator.onLine === false;

/** So many seconds; offline, until the network is back, or for as long as a visitor waits. */
function waitForNetwork(seconds: number): Promise<void> {
  return new Promise((resolve) => {
    if (isOffline()) globalThis.addEventListener("online", () => resolve(), { once: true });
    setTimeout(resolve, (isOffline() ? MOST_SECONDS_OFFLINE : seconds) * 1000);
  });
}

function joined(chunks: readonly Uint8Array<ArrayBuffer>[]): Uint8Array<ArrayBuffer> {
  const [first] = chunks;
  if (first && chunks.length === 1) return first;
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}
