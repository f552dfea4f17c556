import { copyFile, link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { listFiles } from "../cli/list-files.ts";
import { securityHeaders } from "../cli/security-headers.ts";
import { createStaticServer, listen } from "../cli/static-server.ts";

export const dist = fileURLToPath(new URL("../dist/", import.meta.url));

/** A server of a journey's own: over its own copy of the built app, so that files can be damaged and replaced, and it can be stopped. */
export interface OwnServer {
  url: string;
  /** its copy of the built app */
  root: string;
  /** the path of every request, oldest first */
  requests: string[];
  /** Hears of each request before it is answered. */
  onRequest(listener: (request: IncomingMessage, response: ServerResponse) => void): void;
  stop(): Promise<void>;
}

const HEADERS = { secure: securityHeaders, none: {}, shared: { "Access-Control-Allow-Origin": "*" } };

export type Headers = keyof typeof HEADERS;

/**
 * @param folder an empty place for the copy
 * @param headers "none" is a static host, which sends neither isolation nor a policy and keeps the app below a path; "shared" is one that
 * lets every origin read its files, too
 */
export async function startOwnServer(folder: string, headers: Headers): Promise<OwnServer> {
  const below = headers === "secure" ? "" : "pictures/";
  for (const path of await listFiles(dist)) {
    const copy = join(folder, below, relative(dist, path));
    await mkdir(dirname(copy), { recursive: true });
    await link(path, copy);
  }
  const server = createStaticServer(folder, HEADERS[headers]);
  const requests: string[] = [];
  server.prependListener("request", ({ url }) => requests.push(url ?? ""));
  const port = await listen(server, 4373);
  return {
    url: `http://localhost:${port}/${below}`,
    root: join(folder, below),
    requests,
    onRequest: (listener) => void server.prependListener("request", listener),
    stop: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}

/** Copies a folder into a server's root. */
export async function addFolder(server: OwnServer, source: string, place: string): Promise<void> {
  for (const path of await listFiles(source)) {
    const copy = join(server.root, place, relative(source, path));
    await mkdir(dirname(copy), { recursive: true });
    await copyFile(path, copy);
  }
}

/** Puts a line before the app's scripts of these names, its workers' or the service worker's, as a browser of another kind would. */
export async function runBefore(server: OwnServer, script: string, name: RegExp): Promise<void> {
  const found = (await listFiles(server.root)).filter((path) => name.test(basename(path)));
  if (found.length === 0) throw new Error(`The app has no script ${name}.`);
  for (const path of found) await replaceFile(path, `${script};${await readFile(path, "utf8")}`);
}

/** Replaces a file of a copy. The copy's files are links to the built ones, which must stay as they are. */
export async function replaceFile(path: string, bytes: Uint8Array | string): Promise<void> {
  await rm(path, { force: true });
  await writeFile(path, bytes);
}

/** The weights of the built-in model's U-Net: path relative to the model's folder, and absolute in the copy. */
export async function unetWeights(server: OwnServer): Promise<{ name: string; path: string; bytes: Buffer }> {
  const index = JSON.parse(await readFile(join(server.root, "models/index.json"), "utf8")) as { id: string }[];
  const folder = join(server.root, "models", index[0].id, "unet");
  const file = (await readdir(folder)).find((name) => name.endsWith(".onnx"));
  if (!file) throw new Error(`There is no .onnx file in ${folder}.`);
  const path = join(folder, file);
  return { name: `unet/${file}`, path, bytes: await readFile(path) };
}
