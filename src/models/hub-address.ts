/** What the visitor types to name a hub repository. */
import type { RepositoryAddress } from "../../workers/protocol";

export const USUAL_HUB = "https://huggingface.co/";

/**
 * `owner/name`, `owner/name@revision`, or the address of a repository's page, `/tree/revision` at its end or not.
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
    const [owner, name, , revision] = page.pathname.split("/").filter(Boolean).map(decodeURIComponent);
    if (!owner || !name)
      throw new Error("The address names no repository; it looks like https://huggingface.co/owner/name.");
    return { hub: base, repository: `${owner}/${name}`, revision: revision ?? "main" };
  }
  const [repository, revision = "main"] = text.split("@");
  return { hub: base, repository, revision };
}
