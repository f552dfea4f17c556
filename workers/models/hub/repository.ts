/** A repository of a hub that speaks the Hugging Face hub's API: what is in it, before any of it is downloaded. */
import { EngineError } from "../../errors.ts";
import type { RepositoryAddress, RepositoryFile } from "../../protocol.ts";
import { HubError, refused, unreachable } from "./hub-error.ts";

export interface Repository {
  readonly address: RepositoryAddress;
  /** the commit that the revision stood for: everything is fetched from it, whatever becomes of the branch */
  readonly commit: string;
  /** the licence's identifier as the model card gives it; undefined where it gives none */
  readonly license: string | undefined;
  readonly licenseUrl: string | undefined;
  /** its conditions must be accepted at the hub before a file is given */
  readonly gated: boolean;
  readonly files: readonly RepositoryFile[];
}

interface ModelAnswer {
  sha?: string;
  gated?: boolean | string;
  cardData?: { license?: string; license_name?: string; license_link?: string };
}

interface TreeEntry {
  type?: string;
  path?: string;
  size?: number;
  oid?: string;
  lfs?: { oid?: string; size?: number };
}

/** Pages of the listing after which it is given up: a model has some dozens of files, not a million. */
const MOST_PAGES = 50;

/** @throws EngineError InvalidSetting when the name or the revision is none; HubError otherwise */
export async function openRepository(address: RepositoryAddress, signal?: AbortSignal): Promise<Repository> {
  checkAddress(address);
  const { hub, repository, revision } = address;
  const api = new URL(`api/models/${repository}/`, hub);
  const model = (await getJson(new URL(`revision/${encodeURIComponent(revision)}`, api), repository, signal)).body;
  const { sha, gated, cardData } = (model ?? {}) as ModelAnswer;
  if (!sha || !/^[0-9a-f]{40}$/.test(sha)) throw garbled(repository, hub);
  const files: RepositoryFile[] = [];
  let page: URL | undefined = new URL(`tree/${sha}?recursive=true`, api);
  for (let pages = 0; page; pages++) {
    if (pages === MOST_PAGES) throw garbled(repository, hub);
    const answer: { body: unknown; next: URL | undefined } = await getJson(page, repository, signal);
    if (!Array.isArray(answer.body)) throw garbled(repository, hub);
    for (const entry of answer.body as TreeEntry[]) {
      if (entry.type !== "file") continue;
      const file = readEntry(entry);
      if (!file) throw garbled(repository, hub);
      files.push(file);
    }
    page = answer.next;
  }
  const license = cardData?.license === "other" ? (cardData.license_name ?? "other") : cardData?.license;
  return { address, commit: sha, license, licenseUrl: cardData?.license_link, gated: Boolean(gated), files };
}

/** Where a file's bytes are: the hub sends on from there to where it keeps them. */
export function fileUrl({ address, commit }: Pick<Repository, "address" | "commit">, path: string): URL {
  const encoded = path.split("/").map(encodeURIComponent).join("/");
  return new URL(`${address.repository}/resolve/${commit}/${encoded}`, address.hub);
}

function checkAddress({ repository, revision }: RepositoryAddress): void {
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || /(^|\/)\.{1,2}(\/|$)/.test(repository)) {
    throw new EngineError(
      "InvalidSetting",
      `"${repository}" is no repository; write it as owner/name, as in the address of its page.`,
    );
  }
  if (revision.trim() === "")
    throw new EngineError("InvalidSetting", 'The revision is empty; "main" is the usual one.');
}

/** Undefined for what no repository would hold: a path that leaves its folder, a size or a digest that is none. */
function readEntry({ path, size, oid, lfs }: TreeEntry): RepositoryFile | undefined {
  const bytes = lfs?.size ?? size;
  const digest = lfs?.oid?.replace(/^sha256:/, "") ?? oid;
  if (!path || path.split("/").some((name) => name === "" || name === "." || name === "..")) return undefined;
  if (bytes === undefined || !Number.isSafeInteger(bytes) || bytes < 0 || !digest) return undefined;
  if (!(lfs ? /^[0-9a-f]{64}$/ : /^[0-9a-f]{40}$/).test(digest)) return undefined;
  return { path, content: { algorithm: lfs ? "sha256" : "git-blob", digest, bytes } };
}

async function getJson(url: URL, what: string, signal: AbortSignal | undefined) {
  let response: Response;
  try {
    response = await fetch(url, { cache: "no-cache", credentials: "omit", ...(signal ? { signal } : {}) });
  } catch (error) {
    throw signal?.aborted ? error : unreachable(what, url.host);
  }
  if (!response.ok) throw refused(what, response);
  let body: unknown;
  try {
    body = await response.json();
  } catch (error) {
    throw signal?.aborted ? error : garbled(what, url.href);
  }
  const link = response.headers.get("Link")?.match(/<([^>]+)>;\s*rel="next"/)?.[1];
  const next = link ? new URL(link, url) : undefined;
  if (next && next.origin !== url.origin) throw garbled(what, url.href);
  return { body, next };
}

function garbled(what: string, hub: string): HubError {
  return new HubError(
    "lying",
    `${new URL(hub).host} gave a listing of ${what} that cannot be read; try again later, or open the folder from the disk.`,
  );
}
