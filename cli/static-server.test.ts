import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { type IncomingHttpHeaders, request, type Server } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createStaticServer, listen, parseRange } from "./static-server.ts";

const LARGE = JSON.stringify(Array(1000).fill("darkroom"));
let folder: string;
let server: Server;
let port: number;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "darkroom-"));
  const root = join(folder, "root");
  await mkdir(join(root, "assets"), { recursive: true });
  await writeFile(join(root, "index.html"), "page");
  await writeFile(join(root, "assets/engine-abc.wasm"), "0123456789");
  await writeFile(join(root, "large.json"), LARGE);
  await writeFile(join(root, "picture.webp"), LARGE);
  await writeFile(join(root, "empty.json"), "");
  await writeFile(join(folder, "secret.txt"), "secret");
  server = createStaticServer(root, { "Cross-Origin-Opener-Policy": "same-origin" });
  port = await listen(server, 5873);
});

afterAll(async () => {
  server.close();
  await rm(folder, { recursive: true });
});

/** The path goes out as it is written: fetch would tidy it up. */
function get(path: string, headers: Record<string, string> = {}, method = "GET") {
  return new Promise<{ status: number; headers: IncomingHttpHeaders; body: string }>((resolve, reject) => {
    request({ host: "localhost", port, path, headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk) => chunks.push(chunk));
      response.on("end", () => {
        const { statusCode: status = 0, headers } = response;
        const bytes = Buffer.concat(chunks);
        const encoding = headers["content-encoding"];
        const plain = encoding === "br" ? brotliDecompressSync(bytes) : encoding === "gzip" ? gunzipSync(bytes) : bytes;
        resolve({ status, headers, body: plain.toString() });
      });
    })
      .on("error", reject)
      .end();
  });
}

describe("what is sent", () => {
  it("serves index.html for the folder, to be asked for again, with the given headers", async () => {
    const { status, headers, body } = await get("/?device=cpu");
    expect([status, body]).toEqual([200, "page"]);
    expect(headers["content-type"]).toBe("text/html; charset=utf-8");
    expect(headers["cache-control"]).toBe("no-cache");
    expect(headers["cross-origin-opener-policy"]).toBe("same-origin");
  });

  it("lets hashed files be kept for good", async () => {
    const { headers } = await get("/assets/engine-abc.wasm");
    expect(headers["content-type"]).toBe("application/wasm");
    expect(headers["cache-control"]).toBe("public, max-age=31536000, immutable");
  });

  it.each([
    ["gzip, deflate, br", "br"],
    ["gzip", "gzip"],
    ["identity", undefined],
  ])("with Accept-Encoding %s sends the encoding %s", async (accepted, encoding) => {
    const answer = await get("/large.json", { "Accept-Encoding": accepted });
    expect(answer.headers["content-encoding"]).toBe(encoding);
    expect(answer.body).toBe(LARGE);
    expect(Number(answer.headers["content-length"]) < LARGE.length).toBe(encoding !== undefined);
    expect(answer.headers.vary).toBe("Accept-Encoding");
  });

  it.each(["/picture.webp", "/index.html"])("sends %s, which hardly compresses, as it is", async (path) => {
    expect((await get(path, { "Accept-Encoding": "br" })).headers["content-encoding"]).toBe(undefined);
  });

  it("compresses a file again when it has changed, under another validator", async () => {
    const ask = () => get("/changing.json", { "Accept-Encoding": "br" });
    const path = join(folder, "root/changing.json");
    await writeFile(path, LARGE);
    const before = await ask();
    expect((await ask()).headers.etag).toBe(before.headers.etag);
    await writeFile(path, `${LARGE} `);
    const after = await ask();
    expect(after.body).toBe(`${LARGE} `);
    expect(after.headers.etag).not.toBe(before.headers.etag);
  });

  it("answers a known validator with 304, and none with the whole file", async () => {
    const { headers } = await get("/index.html");
    const etag = String(headers.etag);
    expect((await get("/index.html", { "If-None-Match": etag })).status).toBe(304);
    expect((await get("/index.html", { "If-None-Match": '"other"' })).status).toBe(200);
  });

  it("sends an empty file and answers HEAD without a body", async () => {
    expect(await get("/empty.json")).toMatchObject({ status: 200, body: "" });
    const head = await get("/index.html", {}, "HEAD");
    expect(head).toMatchObject({ status: 200, body: "" });
    expect(head.headers["content-length"]).toBe("4");
  });
});

describe("ranges", () => {
  const path = "/assets/engine-abc.wasm";

  it("sends a part of the file itself, never of a compressed one", async () => {
    const { status, headers, body } = await get(path, { Range: "bytes=2-4", "Accept-Encoding": "br" });
    expect([status, body]).toEqual([206, "234"]);
    expect(headers["content-range"]).toBe("bytes 2-4/10");
    expect(headers["content-encoding"]).toBeUndefined();
  });

  it("sends the whole file when it has changed since the first part was fetched", async () => {
    const { headers } = await get(path, { Range: "bytes=0-1" });
    const etag = String(headers.etag);
    expect((await get(path, { Range: "bytes=2-", "If-Range": etag })).body).toBe("23456789");
    expect(await get(path, { Range: "bytes=2-", "If-Range": '"old"' })).toMatchObject({
      status: 200,
      body: "0123456789",
    });
  });

  it("refuses a range beyond the end", async () => {
    const { status, headers } = await get(path, { Range: "bytes=10-" });
    expect(status).toBe(416);
    expect(headers["content-range"]).toBe("bytes */10");
  });

  it.each([
    ["bytes=0-0", { start: 0, end: 0 }],
    ["bytes=4-", { start: 4, end: 9 }],
    ["bytes=4-99", { start: 4, end: 9 }],
    ["bytes=-3", { start: 7, end: 9 }],
    ["bytes=-99", { start: 0, end: 9 }],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=10-11", "unsatisfiable"],
    ["bytes=5-4", undefined],
    ["bytes=-", undefined],
    ["bytes=0-1,3-4", undefined],
    ["lines=0-1", undefined],
  ])("reads %s of 10 bytes", (header, range) => {
    expect(parseRange(header, 10)).toEqual(range);
  });
});

describe("what is refused", () => {
  it.each([
    "/missing",
    "/assets",
    "/assets/",
    "/../secret.txt",
    "/%2e%2e/secret.txt",
    "/..%2fsecret.txt",
    "/%",
    "/a%00",
  ])("answers %s with 404", async (path) => {
    const { status, body } = await get(path);
    expect(status).toBe(404);
    expect(body).not.toContain("secret");
  });

  it("answers POST with 405", async () => {
    expect((await get("/", {}, "POST")).status).toBe(405);
  });
});

describe("listen", () => {
  it("takes the next free port, and gives up after the last try", async () => {
    const other = createStaticServer(folder, {});
    expect(await listen(other, port)).toBe(port + 1);
    await expect(listen(createStaticServer(folder, {}), port, "localhost", 2)).rejects.toThrow("EADDRINUSE");
    other.close();
  });
});
