/** The built app on a server of the benchmark's own, and a browser to open it in. */
import { statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Browser, type BrowserContext, chromium } from "@playwright/test";
import { securityHeaders } from "../../cli/security-headers.ts";
import { createStaticServer, listen } from "../../cli/static-server.ts";
import { browserArgs, findBrowser } from "../../e2e/browser.ts";

const dist = fileURLToPath(new URL("../../dist/", import.meta.url));

/** Milliseconds: a busy machine takes its time, which is what is measured. */
const PATIENCE = 600_000;

export interface Fetched {
  file: string;
  transferredBytes: number;
  storedBytes: number;
}

export interface Stand {
  browser: Browser;
  /** of the app, on the device that was asked for */
  address: string;
  /** what was answered with content so far, oldest first */
  fetched: Fetched[];
  close(): Promise<void>;
}

export async function openStand(device: string): Promise<Stand> {
  const fetched: Fetched[] = [];
  const server = createStaticServer(dist, securityHeaders);
  server.prependListener("request", (request, response) => {
    response.on("finish", () => {
      if (response.statusCode !== 200) return;
      const { pathname } = new URL(request.url ?? "/", "http://localhost");
      const file = pathname.endsWith("/") ? `${pathname}index.html` : pathname;
      fetched.push({
        file: file.slice(1),
        transferredBytes: Number(response.getHeader("Content-Length")),
        storedBytes: statSync(join(dist, decodeURIComponent(file))).size,
      });
    });
  });
  const port = await listen(server, 4473);
  const browser = await chromium.launch({
    executablePath: findBrowser(),
    args: [...browserArgs, "--enable-unsafe-webgpu"],
  });
  return {
    browser,
    address: `http://localhost:${port}/?device=${device}&test`,
    fetched,
    async close() {
      await browser.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

/** In a visitor's profile of its own. */
export async function visitor<T>({ browser }: Stand, job: (context: BrowserContext) => Promise<T>): Promise<T> {
  const context = await browser.newContext();
  context.setDefaultTimeout(PATIENCE);
  try {
    return await job(context);
  } finally {
    await context.close();
  }
}
