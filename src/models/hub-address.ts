/** What the visitor types to name a hub repository. */
import type { RepositoryAddress } from "../../workers/protocol";

export const USUAL_HUB = "https://huggingface.co/";

/** Of a hub's pages that are not a model's. */
const OTHER_PAGES = ["datasets", "spaces", "collections", "papers", "docs"];

/**
 * `owner/name`, `owner/name/folder`, either with `@revision`, or the address of a page of the repository: its own, of a folder
 * (/tree/revision/folder) or of a file (/blob/revision/path, /resolve/revision/path), which stands for the folder that it lies in.
 * @throws Error with the remedy
 */
export function readAddress(typed: string, hub: string): RepositoryAddress {
  const text = typed.trim();
  const base = /^https?:\/\//.test(hub) ? hub.replace(/\/*$/, "/") : USUAL_HUB;
  if (/^https?:\/\//.test(text)) {
    const page = new URL(text);
    if (page.origin !== new URL(base).origin) {
      throw new Error(
        `The page fetches models from ${new URL(base).host} only; download the folder from ${page.host} and open it from the disk.`,
      );
    }
    const [owner, name, kind, revision, ...path] = page.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    if (!owner || !name || OTHER_PAGES.includes(owner))
      throw new Error(
        "The address does not name a model's repository; it looks like https://huggingface.co/owner/name.",
      );
    const isFile = kind === "blob" || kind === "resolve" || kind === "raw";
    return address(base, `${owner}/${name}`, revision, isFile ? path.slice(0, -1) : path);
  }
  const [place, revision] = text.split("@");
  const [owner, name, ...folder] = place.split("/");
  return address(base, [owner, name].join("/"), revision, folder.filter(Boolean));
}

function address(
  hub: string,
  repository: string,
  revision = "main",
  folder: readonly string[] = [],
): RepositoryAddress {
  return { hub, repository, revision, ...(folder.length > 0 && { folder: folder.join("/") }) };
}
