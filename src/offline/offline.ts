/**
 * The page's side of the service worker: registers it, says when the app works without a network and when a new version waits,
 * and reloads the page once where only the service worker can make it cross-origin isolated.
 */

import { orUndefined } from "../storage/browser";

export interface OfflineState {
  /** The app and its runtime are kept on this machine. (The model's files are kept by the engine.) */
  offlineReady: boolean;
  /** The browser refuses to keep the app. */
  blocked: boolean;
  /** A new version is installed and waits for `applyUpdate`. */
  updateReady: boolean;
}

/** Engine start waits this long at most for the service worker, in milliseconds: a slow disk must not keep the app away. */
const patience = 10_000;
const reloadMark = "darkroom:isolation-reload";

let state: OfflineState = { offlineReady: false, blocked: false, updateReady: false };
let registration: ServiceWorkerRegistration | undefined;
const listeners = new Set<() => void>();

/** The current state: a new object whenever something has changed. */
export function getOfflineState(): OfflineState {
  return state;
}

/** Calls `listener` after every change; returns the function that ends it. */
export function subscribeOffline(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Takes the waiting version into use and reloads the page. To be called on the visitor's word, never during a run. */
export function applyUpdate(): void {
  const waiting = registration?.waiting;
  if (!waiting) return;
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload(), { once: true });
  waiting.postMessage("activate");
}

/**
 * Registers the service worker. Resolves once it controls the page, so that what the engine fetches afterwards is kept for
 * offline use, or when it is clear that none will: no support, a failed installation. Start the engine after it. Where
 * the host sends no isolation headers, the page is reloaded here, before anything has begun.
 */
export async function startOffline(): Promise<void> {
  const container = orUndefined(() => navigator.serviceWorker); // reading it throws in a sandboxed frame
  if (!import.meta.env.PROD) return;
  if (!container) return change({ blocked: true });
  container.addEventListener("message", (event) => {
    if (event.data === "runtime kept") void reportOfflineReady().catch(() => {});
  });
  try {
    registration = await container.register(new URL("service-worker.js", document.baseURI));
    watchForUpdates(registration);
    if (!(await controlled(container, registration))) return;
    if (await isolate()) await new Promise(() => {}); // the page is about to be replaced
    await reportOfflineReady();
  } catch (error) {
    change({ blocked: true });
    console.warn(`Darkroom will not work offline: ${error instanceof Error ? error.message : error}`);
  }
}

function change(part: Partial<OfflineState>): void {
  state = { ...state, ...part };
  for (const listener of listeners) listener();
}

/** True once the page is controlled; false when its installation fails, as where caches are blocked, or takes longer than `patience`. */
async function controlled(
  container: ServiceWorkerContainer,
  { installing }: ServiceWorkerRegistration,
): Promise<boolean> {
  if (container.controller) return true;
  return new Promise((resolve) => {
    installing?.addEventListener("statechange", () => {
      if (installing.state !== "redundant") return;
      change({ blocked: true });
      resolve(false);
    });
    const timer = setTimeout(() => resolve(false), patience);
    container.addEventListener(
      "controllerchange",
      () => {
        clearTimeout(timer);
        resolve(true);
      },
      { once: true },
    );
    // After Shift+Reload an active service worker does not take the page in by itself.
    void container.ready.then(({ active }) => active?.postMessage("claim"));
  });
}

/** Reloads a page that is controlled but not isolated, once; true when it does. */
async function isolate(): Promise<boolean> {
  const marks = orUndefined(() => sessionStorage);
  if (crossOriginIsolated || !marks) {
    marks?.removeItem(reloadMark);
    return false; // without a mark the page might be reloaded for ever
  }
  // A second failure is the browser's word: the engine then runs with one thread and says so.
  if (marks.getItem(reloadMark)) return false;
  marks.setItem(reloadMark, "1");
  location.reload();
  return true;
}

function watchForUpdates(registration: ServiceWorkerRegistration): void {
  // Without a controller this is the first visit, and the new worker is no update.
  const report = () =>
    change({ updateReady: registration.waiting !== null && navigator.serviceWorker.controller !== null });
  registration.addEventListener("updatefound", () => registration.installing?.addEventListener("statechange", report));
  report();
  // A tab that stays open for days asks when the visitor comes back to it; failing to reach the server is no news.
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") registration.update().catch(() => {});
  });
}

async function reportOfflineReady(): Promise<void> {
  if (state.offlineReady || !navigator.serviceWorker.controller) return;
  for (const name of await caches.keys()) {
    if (!name.startsWith("darkroom:") || !name.endsWith(":runtime")) continue;
    const kept = await (await caches.open(name)).keys();
    if (kept.some(({ url }) => url.endsWith(".wasm"))) change({ offlineReady: true });
  }
}
