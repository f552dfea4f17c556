/** What a file's content is called: a digest that the publisher of the file recorded. */
import { sha1 } from "@noble/hashes/legacy.js";
import { sha256 } from "@noble/hashes/sha2.js";
import type { RepositoryFile } from "../../../protocol.ts";
import { toHex } from "../sha256.ts";

export type ContentId = RepositoryFile["content"];

/** The name of the content in the store. */
export function contentName({ algorithm, digest }: ContentId): string {
  return algorithm === "sha256" ? digest : `git-${digest}`;
}

/** Takes the content in order, a chunk at a time; `matches` says once, at the end, whether it is the right one. */
export function contentCheck(id: ContentId): { update(chunk: Uint8Array): void; matches(): boolean } {
  const hash = id.algorithm === "sha256" ? sha256.create() : sha1.create();
  if (id.algorithm === "git-blob") hash.update(new TextEncoder().encode(`blob ${id.bytes}\0`));
  return {
    update: (chunk) => void hash.update(chunk),
    matches: () => toHex(hash.digest()) === id.digest,
  };
}
