/** A hub on localhost for tests: the listing, redirects to a second path as to a CDN, ranges, and answers as bad as wanted. */
import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StandInFile {
  bytes: Buffer;
  /** stored as LFS does, with a SHA-256; else as git does */
  lfs: boolean;
}

export interface HubStandIn {
  /** ends in `/` */
  readonly url: string;
  readonly commit: string;
  readonly files: Map<string, StandInFile>;
  /** path and Range of every request for bytes that was answered, oldest first */
  readonly served: { path: string; range: string | undefined }[];
  /** Looks at each request first; true says that it has answered. */
  intercept: ((request: IncomingMessage, response: ServerResponse) => boolean) | undefined;
  /** Changes what is sent of a file; its record stays. */
  distort: ((path: string, start: number, body: Buffer) => Buffer) | undefined;
  etag: (path: string) => string;
  close(): Promise<void>;
}

export const REPOSITORY = "someone/model";

export async function startHubStandIn(files: Record<string, StandInFile>): Promise<HubStandIn> {
  const stored = new Map(Object.entries(files));
  const commit = "0123456789abcdef0123456789abcdef01234567";
  const server = createServer((request, response) => {
    response.setHeader("Access-Control-Allow-Origin", "*");
    response.setHeader(
      "Access-Control-Expose-Headers",
      "X-Repo-Commit,X-Error-Code,X-Error-Message,ETag,Link,Retry-After,Content-Range,X-Linked-Size,X-Linked-ETag",
    );
    response.setHeader("Cross-Origin-Resource-Policy", "cross-origin");
    if (!hub.intercept?.(request, response)) answer(request, response);
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const hub: HubStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    commit,
    files: stored,
    served: [],
    intercept: undefined,
    distort: undefined,
    etag: (path) => `"${digest("sha256", stored.get(path)?.bytes ?? Buffer.alloc(0))}"`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
  return hub;

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const { pathname } = new URL(request.url ?? "/", hub.url);
    const json = (body: unknown) => response.setHeader("Content-Type", "application/json").end(JSON.stringify(body));
    if (pathname === `/api/models/${REPOSITORY}/revision/main`) {
      return void json({ sha: commit, gated: false, cardData: { license: "openrail++" } });
    }
    if (pathname === `/api/models/${REPOSITORY}/tree/${commit}`) return void json([...stored].map(treeEntry));
    const resolved = decodeURIComponent(pathname).replace(`/${REPOSITORY}/resolve/${commit}/`, "");
    const file = stored.get(resolved);
    if (file) {
      response.setHeader("X-Repo-Commit", commit);
      response.setHeader("X-Linked-Size", file.bytes.length);
      response.setHeader("X-Linked-ETag", hub.etag(resolved));
      return void response.writeHead(302, { Location: `/cdn/${encodeURIComponent(resolved)}` }).end();
    }
    const path = decodeURIComponent(pathname.replace("/cdn/", ""));
    const kept = stored.get(path);
    if (!kept) return void response.writeHead(404, { "X-Error-Code": "EntryNotFound" }).end();
    sendBytes(path, kept.bytes, request, response);
  }

  function sendBytes(path: string, bytes: Buffer, request: IncomingMessage, response: ServerResponse): void {
    const range = request.headers.range;
    hub.served.push({ path, range });
    const match = range?.match(/^bytes=(\d+)-(\d+)$/);
    const start = match ? Number(match[1]) : 0;
    const end = match ? Math.min(Number(match[2]) + 1, bytes.length) : bytes.length;
    const part = Buffer.from(bytes.subarray(start, end));
    const body = hub.distort?.(path, start, part) ?? part;
    response.setHeader("ETag", hub.etag(path));
    if (match) response.setHeader("Content-Range", `bytes ${start}-${end - 1}/${bytes.length}`);
    response.writeHead(match ? 206 : 200, { "Content-Length": body.length }).end(body);
  }
}

function treeEntry([path, { bytes, lfs }]: [string, StandInFile]) {
  const blob = Buffer.concat([Buffer.from(`blob ${bytes.length}\0`), bytes]);
  return {
    type: "file",
    path,
    size: bytes.length,
    oid: digest("sha1", blob),
    ...(lfs ? { lfs: { oid: digest("sha256", bytes), size: bytes.length, pointerSize: 134 } } : {}),
  };
}

const digest = (algorithm: string, bytes: Buffer) => createHash(algorithm).update(bytes).digest("hex");
