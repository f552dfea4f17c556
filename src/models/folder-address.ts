/** What the visitor types to name a model's folder on the page's own host. */
import type { ModelEntry } from "./source";

/**
 * @param typed an address, whole or relative to the page's
 * @returns it, ending in `/`
 * @throws Error with the remedy
 */
export function readFolderAddress(typed: string, page: string): string {
  const text = typed.trim();
  const address = URL.canParse(text, page) ? new URL(text, page) : undefined;
  if (!text || !address)
    throw new Error("That is no address; it looks like models/mine/, or the whole of it with https://.");
  const { origin, host } = new URL(page);
  if (address.origin !== origin) {
    throw new Error(
      `The page fetches folders from its own host, ${host}, only; put the folder there, or download it and open it from the disk.`,
    );
  }
  return new URL(address.pathname.replace(/\/*(model_index\.json)?$/, "/"), origin).href;
}

/** @param url as `readFolderAddress` returns it */
export function addressEntry(url: string): ModelEntry {
  const name = new URL(url).pathname.split("/").filter(Boolean).at(-1);
  const id = `${name ? decodeURIComponent(name) : new URL(url).host} (address)`;
  return { id, title: id, source: { id, url } };
}
