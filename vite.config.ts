import react from "@vitejs/plugin-react";
import { defineConfig, type Plugin } from "vite";
import { isolationHeaders, metaPolicy } from "./cli/security-headers.ts";
import { offlineShell } from "./scripts/offline-shell.ts";
import { servedOnly } from "./scripts/served-only.ts";

/** Puts the content policy into the built page, for hosts that send no headers. The dev server's page has inline scripts. */
const policyInPage: Plugin = {
  name: "policy-in-page",
  apply: "build",
  transformIndexHtml: () => [
    { tag: "meta", attrs: { "http-equiv": "Content-Security-Policy", content: metaPolicy }, injectTo: "head-prepend" },
    { tag: "meta", attrs: { name: "referrer", content: "no-referrer" }, injectTo: "head-prepend" },
  ],
};

export default defineConfig({
  // Relative addresses: the built folder works below any path of any host.
  base: "./",
  plugins: [react(), policyInPage, servedOnly(), offlineShell()],
  server: { headers: isolationHeaders },
  worker: { format: "es" },
  build: {
    target: "es2023",
    // The policy allows no data: scripts, workers or fonts, and every file should be cacheable under its own name.
    assetsInlineLimit: 0,
    // Every browser of the target has modulepreload.
    modulePreload: { polyfill: false },
    // onnxruntime-web's WebAssembly is measured in megabytes and fetched on demand.
    chunkSizeWarningLimit: 1000,
    reportCompressedSize: false,
  },
});
