/**
 * Keeps the app for the days without a network. Three caches, each with its own rule:
 *
 * - shell: the app's own files, fetched at install, cache first. One cache a version; unchanged hashed files are carried over.
 *   The help's pictures join it when they are first seen.
 * - runtime: onnxruntime-web's script and WebAssembly, cache first, kept at first use, so that only the flavour that this
 *   browser runs is ever fetched. Outlives versions as long as the hashed name stays the same.
 * - models: the small JSON files at the top of a model's folder, network first. The weights are the engine's business, which
 *   keeps them in the origin private file system.
 *
 * Built by scripts/offline-shell.ts, which fills in the constants below.
 */

/** Files of this version, relative to the scope; "./" is index.html. */
declare const SHELL: string[];
/** Of those, and of the runtime, the ones with a hash in their name begin with this. */
declare const HASHED: string;
declare const RUNTIME: string[];
/** Of the help. */
declare const PICTURES: string[];
/** Hash over the shell: a new one is a new version. */
declare const VERSION: string;
/** What `npm start` sends with every answer, for hosts that cannot: cross-origin isolation and the content policy. */
declare const HEADERS: Record<string, string>;

const worker = self as unknown as ServiceWorkerGlobalScope;
const scope = worker.registration.scope;

// Several apps may share an origin, and with it the cache storage.
const prefix = `darkroom:${new URL(scope).pathname}:`;
const shellCache = `${prefix}shell:${VERSION}`;
const runtimeCache = `${prefix}runtime`;
const modelsCache = `${prefix}models`;

const absolute = (path: string) => new URL(path, scope).href;
const shell = new Set(SHELL.map(absolute));
const runtime = new Set(RUNTIME.map(absolute));
const pictures = new Set(PICTURES.map(absolute));
const hashed = absolute(HASHED);

/** models/index.json and models/<id>/<name>.json */
const modelJson = new RegExp(`^${absolute("models/").replace(/[.*+?^$()[\]{}|\\]/g, "\\$&")}([^/]+/)?[^/]+\\.json$`);

/** How long the network may keep a model's JSON file to itself when there is a kept one, in milliseconds. */
const networkPatience = 4000;

worker.addEventListener("install", (event) => event.waitUntil(install()));
worker.addEventListener("activate", (event) => event.waitUntil(activate()));

worker.addEventListener("message", (event) => {
  if (event.data === "activate") event.waitUntil(worker.skipWaiting());
  // A page that was reloaded past the service worker (Shift+Reload) asks to be taken in again.
  if (event.data === "claim") event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET" || request.headers.has("range")) return;
  const url = request.url.replace(/[?#].*$/, "");
  if (request.mode === "navigate") {
    if (url === scope || url === absolute("index.html")) event.respondWith(cacheFirst(event, shellCache, scope));
  } else if (shell.has(url) || pictures.has(url)) {
    event.respondWith(cacheFirst(event, shellCache, url));
  } else if (runtime.has(url)) {
    event.respondWith(cacheFirst(event, runtimeCache, url));
  } else if (modelJson.test(url)) {
    event.respondWith(networkFirst(event, modelsCache, url));
  }
});

async function install(): Promise<void> {
  const [cache, earlier] = await Promise.all([caches.open(shellCache), shellCaches()]);
  await Promise.all(
    [...shell].map(async (url) => {
      const isHashed = url.startsWith(hashed);
      const known = isHashed ? await findIn(earlier, url) : undefined;
      if (known) return cache.put(url, withHeaders(known));
      // The rest keeps its name from version to version, so the HTTP cache may hold an old one.
      const response = await fetch(url, { cache: isHashed ? "default" : "reload" });
      if (!response.ok || response.redirected) throw new Error(`${url}: ${response.status}`);
      return cache.put(url, withHeaders(response));
    }),
  );
}

async function activate(): Promise<void> {
  for (const name of await shellCaches()) if (name !== shellCache) await caches.delete(name);
  const kept = await caches.open(runtimeCache);
  for (const request of await kept.keys()) if (!runtime.has(request.url)) await kept.delete(request);
  await worker.clients.claim();
}

async function shellCaches(): Promise<string[]> {
  return (await caches.keys()).filter((name) => name.startsWith(`${prefix}shell:`));
}

async function findIn(names: string[], url: string): Promise<Response | undefined> {
  try {
    for (const name of names) {
      const found = await (await caches.open(name)).match(url, { ignoreVary: true });
      if (found) return found;
    }
  } catch {
    // The browser has blocked the caches since: everything comes from the network.
  }
  return undefined;
}

async function cacheFirst(event: FetchEvent, cacheName: string, key: string): Promise<Response> {
  const kept = await findIn([cacheName], key);
  if (kept) return kept;
  const response = withHeaders(await fetch(event.request));
  if (response.ok) keep(event, cacheName, key, response.clone());
  return response;
}

async function networkFirst(event: FetchEvent, cacheName: string, key: string): Promise<Response> {
  const kept = await findIn([cacheName], key);
  try {
    const response = await fetch(event.request, kept ? { signal: AbortSignal.timeout(networkPatience) } : {});
    if (response.ok) keep(event, cacheName, key, response.clone());
    // A host that answers with an error page is no better than none.
    return response.ok || !kept ? response : kept;
  } catch (error) {
    if (kept) return kept;
    throw error;
  }
}

/** The answer goes on to the page while its copy is written; a full disk costs the copy, not the answer. */
function keep(event: FetchEvent, cacheName: string, key: string, response: Response): void {
  const written = caches
    .open(cacheName)
    .then((cache) => cache.put(key, response))
    .then(async () => {
      if (!runtime.has(key)) return;
      for (const client of await worker.clients.matchAll()) client.postMessage("runtime kept");
    })
    .catch((error) => console.warn(`${key} could not be kept for offline use: ${error}`));
  event.waitUntil(written);
}

/** Sets what `npm start` would have sent. Done before a response is cached, so that a kept one is served as it is. */
function withHeaders(response: Response): Response {
  if (Object.entries(HEADERS).every(([name, value]) => response.headers.get(name) === value)) return response;
  const headers = new Headers(response.headers);
  for (const [name, value] of Object.entries(HEADERS)) headers.set(name, value);
  return new Response(response.body, { status: response.status, statusText: response.statusText, headers });
}
