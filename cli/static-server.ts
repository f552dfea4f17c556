import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { basename, extname, join, resolve, sep } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { createCompressed, type Encoding } from "./compressed.ts";

const mimeTypes: Record<string, string> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript; charset=utf-8",
  ".mjs": "text/javascript; charset=utf-8",
  ".css": "text/css; charset=utf-8",
  ".json": "application/json; charset=utf-8",
  ".webmanifest": "application/manifest+json; charset=utf-8",
  ".wasm": "application/wasm",
  ".svg": "image/svg+xml; charset=utf-8",
  ".png": "image/png",
  ".webp": "image/webp",
  ".ico": "image/x-icon",
  ".txt": "text/plain; charset=utf-8",
  ".woff2": "font/woff2",
};

/** A file of the folder, as it will be sent. */
interface Representation {
  path: string;
  size: number;
  etag: string;
  encoding?: Encoding;
}

const compressed = createCompressed(fileURLToPath(new URL("../node_modules/.cache/compressed/", import.meta.url)));

/**
 * A static server for a built folder: ranges, validators, and files compressed as the browser accepts them.
 * Files below `assets/` carry a hash of their content in their name and are cached for good; everything else is asked for again.
 *
 * @param root folder to serve
 * @param headers sent with every answer
 * @param certificate in PEM, for https
 */
export function createStaticServer(
  root: string,
  headers: Record<string, string>,
  certificate?: { readonly cert: Buffer; readonly key: Buffer },
): Server {
  const base = resolve(root);
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    answer(base, request, response).catch((error: NodeJS.ErrnoException) => {
      // A visitor who leaves in the middle of a file is no error.
      if (error.code !== "ERR_STREAM_PREMATURE_CLOSE") console.error(`${request.url}: ${error.message}`);
      if (response.headersSent) response.destroy();
      else end(response, 500, "The file cannot be read.");
    });
  };
  return certificate ? createSecureServer(certificate, onRequest) : createServer(onRequest);
}

/** Listens on the first free port from `port` on; rejects when none of the next `tries` is free. */
export async function listen(server: Server, port: number, host = "localhost", tries = 20): Promise<number> {
  for (let candidate = port; ; candidate++) {
    try {
      await new Promise<void>((done, fail) => {
        server.once("error", fail);
        server.listen(candidate, host, () => {
          server.off("error", fail);
          done();
        });
      });
      const address = server.address();
      return typeof address === "object" && address ? address.port : candidate;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EADDRINUSE" || candidate + 1 >= port + tries) throw error;
    }
  }
}

async function answer(base: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    response.setHeader("Allow", "GET, HEAD");
    return end(response, 405, "Only GET and HEAD are answered.");
  }
  const path = filePath(base, request.url ?? "/");
  const range = request.headers.range;
  const file = path && (await represent(path, range ? "" : String(request.headers["accept-encoding"] ?? "")));
  if (!path || !file) return end(response, 404, "There is no such file.");

  response.setHeader("Content-Type", mimeTypes[extname(path)] ?? "application/octet-stream");
  response.setHeader("Vary", "Accept-Encoding");
  response.setHeader("ETag", file.etag);
  response.setHeader("Accept-Ranges", "bytes");
  const hashed = path.startsWith(join(base, "assets") + sep);
  response.setHeader("Cache-Control", hashed ? "public, max-age=31536000, immutable" : "no-cache");
  if (file.encoding) response.setHeader("Content-Encoding", file.encoding);
  if (request.headers["if-none-match"] === file.etag) return void response.writeHead(304).end();

  const ifRange = request.headers["if-range"];
  const part = range && (!ifRange || ifRange === file.etag) ? parseRange(range, file.size) : undefined;
  if (part === "unsatisfiable") {
    response.setHeader("Content-Range", `bytes */${file.size}`);
    return end(response, 416, "The range lies outside the file.");
  }
  const { start, end: last } = part ?? { start: 0, end: file.size - 1 };
  if (part) response.setHeader("Content-Range", `bytes ${start}-${last}/${file.size}`);
  response.setHeader("Content-Length", last - start + 1);
  response.writeHead(part ? 206 : 200);
  if (request.method === "HEAD" || file.size === 0) return void response.end();
  await pipeline(createReadStream(file.path, { start, end: last }), response);
}

/** The file that an address names, or undefined where it would lie outside the folder. */
function filePath(base: string, url: string): string | undefined {
  let pathname: string;
  try {
    pathname = decodeURIComponent(new URL(url, "http://localhost").pathname);
  } catch {
    return undefined;
  }
  if (pathname.includes("\0")) return undefined;
  const path = resolve(base, `.${pathname.endsWith("/") ? `${pathname}index.html` : pathname}`);
  return path.startsWith(base + sep) ? path : undefined;
}

async function represent(path: string, acceptEncoding: string): Promise<Representation | undefined> {
  const encoding = (["br", "gzip"] as const).find((one) => new RegExp(`\\b${one}\\b`).test(acceptEncoding));
  const made = encoding && (await compressed(path, encoding));
  const sent = made ?? path;
  const found = await stat(sent).catch(() => undefined);
  if (!found?.isFile()) return undefined;
  // A compressed file has its content's hash in its name, but the time of its last use.
  const version = made ? basename(made).replace(".", "-") : Math.round(found.mtimeMs).toString(36);
  const etag = `"${found.size.toString(36)}-${version}"`;
  return { path: sent, size: found.size, etag, ...(made && { encoding }) };
}

/** One range of RFC 9110 section 14.1.2; several ranges, or another unit, are answered with the whole file. */
export function parseRange(header: string, size: number): { start: number; end: number } | "unsatisfiable" | undefined {
  const match = /^bytes=(\d*)-(\d*)$/.exec(header.trim());
  if (!match || (match[1] === "" && match[2] === "")) return undefined;
  if (match[1] === "") {
    const length = Math.min(Number(match[2]), size);
    return length === 0 ? "unsatisfiable" : { start: size - length, end: size - 1 };
  }
  const start = Number(match[1]);
  const end = match[2] === "" ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (match[2] !== "" && Number(match[2]) < start) return undefined;
  return start >= size ? "unsatisfiable" : { start, end };
}

function end(response: ServerResponse, status: number, text: string): void {
  response.setHeader("Content-Type", "text/plain; charset=utf-8");
  response.setHeader("Cache-Control", "no-store");
  response.writeHead(status).end(`${text}\n`);
}
