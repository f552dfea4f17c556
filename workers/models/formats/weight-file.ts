/** Weights on their way from a file into a session, without a second copy of them. */

/** A file of which parts can be read: a Blob, or one on the disk. */
export interface FilePart {
  readonly size: number;
  slice(start: number, end: number): FilePart;
  arrayBuffer(): Promise<ArrayBuffer>;
  /** where the source can be read without waiting: fills an array from `start` on */
  readonly readSync?: (into: Uint8Array, start: number) => void;
  /** where it is in memory */
  readonly held?: Uint8Array<ArrayBuffer>;
}

export function inMemory(bytes: Uint8Array<ArrayBuffer>): FilePart {
  return {
    held: bytes,
    size: bytes.length,
    slice: (start, end) => inMemory(bytes.subarray(start, end)),
    arrayBuffer: async () => bytes.slice().buffer,
  };
}

export async function readWhole(file: FilePart | Blob): Promise<Uint8Array<ArrayBuffer>> {
  return ("held" in file && file.held) || new Uint8Array(await file.arrayBuffer());
}

/** `release` gives back what reading took, once the session is made. */
export type MountedBytes = Uint8Array<ArrayBuffer> & { readonly release?: () => void };

/**
 * What onnxruntime-web is given as external data: it asks an array for `subarray(start, end)` weight by weight, which is answered from the
 * file. Where a file cannot be read without waiting, it is read whole. Its JSPI build would also stream the weights from a Blob, but in
 * Chromium a stream's last read is not answered now and then, and the session is never made.
 */
export async function mount(file: FilePart | Blob): Promise<MountedBytes> {
  if (file instanceof Blob) {
    if (typeof FileReaderSync === "undefined") return readWhole(file);
    const reader = new FileReaderSync();
    return new FileBytes(file.size, (into, start) => {
      for (let at = 0; at < into.length; at += CHUNK) {
        const chunk = file.slice(start + at, Math.min(start + at + CHUNK, start + into.length));
        const bytes = reader.readAsArrayBuffer(chunk);
        into.set(new Uint8Array(bytes), at);
        free(bytes);
      }
    });
  }
  const { readSync } = file;
  return readSync ? new FileBytes(file.size, readSync) : readWhole(file);
}

/** Bytes that are read at a time. */
const CHUNK = 2 ** 22;

/**
 * Gives memory back at once: nothing is collected before the whole session is made, and what was read of gigabytes would pile up. A buffer
 * that is sent is no longer held here, and what is sent to a closed port is dropped.
 */
function free(buffer: ArrayBuffer): void {
  drain ??= openDrain();
  drain.postMessage(null, [buffer]);
}

let drain: MessagePort | undefined;

function openDrain(): MessagePort {
  const { port1, port2 } = new MessageChannel();
  port2.close();
  return port1;
}

/**
 * An array of bytes that holds none: parts of it are read when they are asked for. A part is valid until the next one is asked for, which
 * suffices onnxruntime-web: it copies each at once.
 */
class FileBytes extends Uint8Array<ArrayBuffer> {
  readonly #size: number;
  readonly #fill: (into: Uint8Array, start: number) => void;
  #scratch = new Uint8Array(0);

  constructor(size: number, fill: (into: Uint8Array, start: number) => void) {
    super(new ArrayBuffer(0));
    this.#size = size;
    this.#fill = fill;
  }
  override get byteLength(): number {
    return this.#size;
  }
  override subarray(start = 0, end = this.#size): Uint8Array<ArrayBuffer> {
    if (this.#scratch.length < end - start) {
      this.release();
      this.#scratch = new Uint8Array(end - start);
    }
    const part = new Uint8Array(this.#scratch.buffer, 0, end - start);
    this.#fill(part, start);
    return part;
  }
  release(): void {
    free(this.#scratch.buffer);
    this.#scratch = new Uint8Array(0);
  }
}
