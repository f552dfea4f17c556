/** A repository of a hub that speaks the Hugging Face hub's API: what is in it, before any of it is downloaded. */
import * as v from "valibot";
import { EngineError } from "../../../errors.ts";
import type { RepositoryAddress, RepositoryFile } from "../../../protocol.ts";
import { optional } from "../../formats/json.ts";
import { isMainBackbone, LAYOUT_FOLDERS, parts } from "../../parts/table.ts";
import { HubError, refused, unreachable } from "./hub-error.ts";

export interface Repository {
  readonly address: RepositoryAddress;
  /** the commit that the revision stood for: everything is fetched from it, whatever becomes of the branch */
  readonly commit: string;
  /** the licence's identifier as the model card gives it; undefined where it gives none */
  readonly license: string | undefined;
  /** its conditions must be accepted at the hub before a file is given */
  readonly gated: boolean;
  /** those of the address's folder, their paths relative to it */
  readonly files: readonly RepositoryFile[];
  /** other folders of the repository that may hold a model: with a folder of a part in them that holds an ONNX graph */
  readonly folders: readonly string[];
}

const answerSchema = v.object({
  sha: v.pipe(v.string(), v.regex(/^[0-9a-f]{40}$/)),
  gated: optional(v.union([v.boolean(), v.string()])),
  cardData: v.fallback(
    optional(
      v.object({
        license: v.fallback(optional(v.string()), null),
        license_name: v.fallback(optional(v.string()), null),
      }),
    ),
    null,
  ),
});

const treeSchema = v.array(
  v.object({
    type: optional(v.string()),
    path: optional(v.string()),
    size: optional(v.number()),
    oid: optional(v.string()),
    lfs: optional(v.object({ oid: optional(v.string()), size: optional(v.number()) })),
  }),
);
type TreeEntry = v.InferOutput<typeof treeSchema>[number];

/** Pages of the listing after which it is given up: a model has some dozens of files, not a million. */
const MOST_PAGES = 50;

/** @throws EngineError InvalidSetting when the name or the revision is none; HubError otherwise */
export async function openRepository(address: RepositoryAddress, signal?: AbortSignal): Promise<Repository> {
  checkAddress(address);
  const { hub, repository, revision } = address;
  const api = new URL(`api/models/${repository}/`, hub);
  const model = (await getJson(new URL(`revision/${encodeURIComponent(revision)}`, api), repository, signal)).body;
  const answer = v.safeParse(answerSchema, model);
  if (!answer.success) throw garbled(repository, hub);
  const { sha, gated, cardData } = answer.output;
  const all: RepositoryFile[] = [];
  let page: URL | undefined = new URL(`tree/${sha}?recursive=true`, api);
  for (let pages = 0; page; pages++) {
    if (pages === MOST_PAGES) throw garbled(repository, hub);
    const listed: { body: unknown; next: URL | undefined } = await getJson(page, repository, signal);
    const entries = v.safeParse(treeSchema, listed.body);
    if (!entries.success) throw garbled(repository, hub);
    for (const entry of entries.output) {
      if (entry.type !== "file") continue;
      const file = readEntry(entry);
      if (!file) throw garbled(repository, hub);
      all.push(file);
    }
    page = listed.next;
  }
  const license = cardData?.license === "other" ? (cardData.license_name ?? "other") : cardData?.license;
  const { folder, ...whole } = address;
  const wanted = modelFolder(folder ?? "");
  const before = wanted && `${wanted}/`;
  const files = all.flatMap(({ path, content }) =>
    path.startsWith(before) ? { path: path.slice(before.length), content } : [],
  );
  if (files.length === 0 && wanted) {
    throw new EngineError(
      "InvalidSetting",
      `${repository} has no folder ${wanted} at ${revision}; check the address on the repository's page.`,
    );
  }
  return {
    address: { ...whole, ...(wanted && { folder: wanted }) },
    commit: sha,
    license: license ?? undefined,
    gated: Boolean(gated),
    files,
    folders: [...new Set(all.flatMap(({ path }) => MODEL.exec(path)?.[1] ?? []))],
  };
}

/** the graph of a backbone below a model's folder */
const MODEL = new RegExp(
  `^(.+)/(?:${parts.flatMap((row) => (isMainBackbone(row) ? row.folders : [])).join("|")})/[^/]+\\.onnx$`,
);

/** The model's folder: of the address of one of its parts the folder above. */
function modelFolder(folder: string): string {
  const last = folder.lastIndexOf("/");
  return LAYOUT_FOLDERS.has(folder.slice(last + 1)) ? folder.slice(0, Math.max(last, 0)) : folder;
}

/** Where a file's bytes are: the hub sends on from there to where it keeps them. */
export function fileUrl({ address, commit }: Pick<Repository, "address" | "commit">, path: string): URL {
  const whole = address.folder ? `${address.folder}/${path}` : path;
  const encoded = whole.split("/").map(encodeURIComponent).join("/");
  return new URL(`${address.repository}/resolve/${commit}/${encoded}`, address.hub);
}

function checkAddress({ repository, revision, folder = "" }: RepositoryAddress): void {
  if (folder !== "" && folder.split("/").some((name) => ["", ".", ".."].includes(name))) {
    throw new EngineError("InvalidSetting", `"${folder}" is not a folder of a repository; check the address.`);
  }
  if (!/^[\w.-]+\/[\w.-]+$/.test(repository) || /(^|\/)\.{1,2}(\/|$)/.test(repository)) {
    throw new EngineError(
      "InvalidSetting",
      `"${repository}" is not a repository; write it as owner/name, as in the address of its page.`,
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
  if (typeof bytes !== "number" || !Number.isSafeInteger(bytes) || bytes < 0 || !digest) return undefined;
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
  const text = await response.text().catch((error: unknown) => {
    throw signal?.aborted ? error : unreachable(what, url.host);
  });
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw garbled(what, url.href);
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
