/**
 * The headers of every answer, in one place: `npm start` sends them, the built index.html repeats the policy for hosts that
 * cannot send any, and the service worker adds them there to what it serves.
 */

/** Where models are fetched from: the hub's listing, and the hosts that it keeps files on. For a mirror elsewhere, add it here. */
const modelHub = "https://huggingface.co https://*.hf.co";

/** What the page may do. `connect-src` is where the visitor's prompt could leave: it is open to the model hub alone. */
const directives: Record<string, string> = {
  "default-src": "'none'",
  // WebAssembly needs its own permission; scripts come from files alone, never from text.
  "script-src": "'self' 'wasm-unsafe-eval'",
  // blob: is for frames that are sandboxed without an origin, which can start no worker from a file. Such a worker has this policy too.
  "worker-src": "'self' blob:",
  "style-src": "'self'",
  "font-src": "'self'",
  "img-src": "'self' blob: data:",
  "connect-src": `'self' ${modelHub}`,
  "manifest-src": "'self'",
  "object-src": "'none'",
  "base-uri": "'none'",
  "form-action": "'none'",
};

const policy = Object.entries(directives).map(([name, value]) => `${name} ${value}`);

/** For `<meta http-equiv>`, where browsers ignore frame-ancestors. */
export const metaPolicy = policy.join("; ");

/** Cross-origin isolation, which SharedArrayBuffer and with it WebAssembly threads need. */
export const isolationHeaders = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
  "Cross-Origin-Resource-Policy": "same-origin",
};

export const securityHeaders = {
  ...isolationHeaders,
  "Content-Security-Policy": [...policy, "frame-ancestors 'none'"].join("; "),
  "Referrer-Policy": "no-referrer",
  "X-Content-Type-Options": "nosniff",
};
