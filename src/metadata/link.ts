/** A link that carries settings in its fragment, which browsers send to no server. */
import type { Found } from "./found";
import { readOwn, writeOwn } from "./own-json";
import type { Made } from "./programs/automatic1111";

const KEY = "#settings=";

export function settingsLink(page: string, made: Made): string {
  const base64 = btoa(writeOwn(made)).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${page.split("#")[0]}${KEY}${base64}`;
}

/**
 * Null where the fragment is not of this kind.
 * @throws Error where it is, but cannot be read
 */
export function readLink(fragment: string): Found | null {
  if (!fragment.startsWith(KEY)) return null;
  let found: Found | null = null;
  try {
    const base64 = decodeURIComponent(fragment.slice(KEY.length)).replaceAll("-", "+").replaceAll("_", "/");
    found = readOwn(JSON.parse(atob(base64)));
  } catch {
    // said below
  }
  if (!found) throw new Error("The settings in this link are damaged; perhaps it was cut off. Copy the whole link.");
  return found;
}
