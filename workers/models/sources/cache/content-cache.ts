/**
 * The cache of model files: each lies under the name of its content, so that two models share what they have in common.
 *
 * `<name>` holds the bytes and `<name>.parts` the journal: one SHA-256 of 32 bytes for every part that was written (zeros where it was not),
 * and, behind them, one byte that is 1 once the whole file was found right. The journal is written after the part, so that a kill at any
 * moment costs at most the part under way; and it stays, so that a bit that flips later costs one part and not the file.
 */
import { sha256 } from "../sha256.ts";
import type { ByteStore, ByteWriter } from "./byte-store.ts";
import { type ContentId, contentCheck, contentName } from "./content-id.ts";

const DIGEST_BYTES = 32;

export interface ContentCache {
  /** The whole file, checked when it was written; undefined where it is not here or not whole. */
  get(id: ContentId): Promise<Blob | undefined>;
  /** Opens a file to be filled. Parts that are there are read and compared with the journal first. */
  open(id: ContentId): Promise<PartialContent>;
  /** Compares a whole file with its journal. False: a part is wrong, and `open` will ask for that part alone. */
  verify(id: ContentId): Promise<boolean>;
  remove(id: ContentId): Promise<void>;
  /** bytes of the parts that were written */
  storedBytes(id: ContentId): Promise<number>;
}

export interface PartialContent {
  readonly parts: number;
  /** the parts that are still to be fetched */
  missing(): number[];
  /** start and end (exclusive) of a part, in bytes */
  range(part: number): { start: number; end: number };
  /** @throws EngineError when the disk is full; the part then counts as missing */
  write(part: number, bytes: Uint8Array<ArrayBuffer>): Promise<void>;
  /** Whether the part that is there differs from these bytes. */
  differs(part: number, bytes: Uint8Array<ArrayBuffer>): Promise<boolean>;
  /** Checks the whole against its name; true makes it available to `get`. */
  finish(onProgress?: (bytes: number) => void): Promise<boolean>;
  close(): Promise<void>;
}

/** @param partBytes length of all parts but the last */
export function contentCache(store: ByteStore, partBytes: number): ContentCache {
  const journalName = (id: ContentId) => `${contentName(id)}.parts`;
  const partsOf = ({ bytes }: ContentId) => Math.ceil(bytes / partBytes);
  const rangeOf = (id: ContentId, part: number) => ({
    start: part * partBytes,
    end: Math.min((part + 1) * partBytes, id.bytes),
  });

  const readJournal = async (id: ContentId): Promise<Uint8Array> => {
    const journal = new Uint8Array(partsOf(id) * DIGEST_BYTES + 1);
    const blob = await store.blob(journalName(id));
    if (blob && blob.size <= journal.length) journal.set(new Uint8Array(await blob.arrayBuffer()));
    return journal;
  };

  /** The parts whose bytes are those that the journal names. */
  const intact = async (id: ContentId, journal: Uint8Array): Promise<boolean[]> => {
    const blob = await store.blob(contentName(id));
    const found: boolean[] = [];
    for (let part = 0; part < partsOf(id); part++) {
      const { start, end } = rangeOf(id, part);
      const recorded = digestOf(journal, part);
      found.push(
        blob !== undefined &&
          blob.size >= end &&
          recorded.some((byte) => byte !== 0) &&
          equal(recorded, await sha256(new Uint8Array(await blob.slice(start, end).arrayBuffer()))),
      );
    }
    return found;
  };

  return {
    async get(id) {
      const blob = await store.blob(contentName(id));
      if (!blob || blob.size !== id.bytes) return undefined;
      return (await readJournal(id)).at(-1) === 1 ? blob : undefined;
    },

    async verify(id) {
      return (await intact(id, await readJournal(id))).every(Boolean);
    },

    async remove(id) {
      await store.remove(journalName(id));
      await store.remove(contentName(id));
    },

    async storedBytes(id) {
      const journal = await readJournal(id);
      let bytes = 0;
      for (let part = 0; part < partsOf(id); part++) {
        const { start, end } = rangeOf(id, part);
        if (digestOf(journal, part).some((byte) => byte !== 0)) bytes += end - start;
      }
      return bytes;
    },

    async open(id) {
      const journal = await readJournal(id);
      const present = await intact(id, journal);
      const writers: ByteWriter[] = [];
      try {
        for (const name of [contentName(id), journalName(id)]) writers.push(await store.writer(name));
      } catch (error) {
        for (const writer of writers) await writer.close();
        throw error;
      }
      const [content, record] = writers;
      const setWhole = async (whole: boolean) => {
        const flag = whole ? 1 : 0;
        if (journal.at(-1) === flag) return;
        await record.write(new Uint8Array([flag]), journal.length - 1);
        journal[journal.length - 1] = flag;
      };
      return {
        parts: present.length,
        range: (part) => rangeOf(id, part),
        missing: () => present.flatMap((here, part) => (here ? [] : [part])),
        async write(part, bytes) {
          const digest = await sha256(bytes);
          present[part] = false;
          await setWhole(false);
          await content.write(bytes, rangeOf(id, part).start);
          await record.write(digest, part * DIGEST_BYTES);
          journal.set(digest, part * DIGEST_BYTES);
          present[part] = true;
        },
        differs: async (part, bytes) => !equal(digestOf(journal, part), await sha256(bytes)),
        async finish(onProgress) {
          const check = contentCheck(id);
          for (let part = 0; part < present.length; part++) {
            const { start, end } = rangeOf(id, part);
            check.update(await content.read(start, end));
            onProgress?.(end);
          }
          const right = present.every(Boolean) && check.matches();
          await setWhole(right);
          return right;
        },
        async close() {
          for (const writer of writers) await writer.close();
        },
      };
    },
  };
}

const digestOf = (journal: Uint8Array, part: number) =>
  journal.subarray(part * DIGEST_BYTES, (part + 1) * DIGEST_BYTES);

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
