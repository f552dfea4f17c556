/** Named files with random access: what the model cache needs of the origin private file system, and of memory in tests. */
export interface ByteStore {
  /** The file as it stands, without reading it; undefined where there is none. */
  blob(name: string): Promise<Blob | undefined>;
  /** Opens a file for writing, and makes it where there is none. Only one writer of a file at a time. @throws EngineError DiskFull */
  writer(name: string): Promise<ByteWriter>;
  remove(name: string): Promise<void>;
  list(): Promise<StoredFile[]>;
}

/** Reads as well: what is being written is not read through `blob`, which is a snapshot. */
export interface ByteWriter {
  readonly size: number;
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Writes all the bytes at an offset and flushes them. @throws EngineError when the disk is full, with nothing half-written */
  write(bytes: Uint8Array, at: number): Promise<void>;
  close(): Promise<void>;
}

export interface StoredFile {
  readonly name: string;
  readonly bytes: number;
}
