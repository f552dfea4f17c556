/** `npm start`: serves the built app, on this machine alone or on the local network. */
import { existsSync, readFileSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { securityHeaders } from "./security-headers.ts";
import { createStaticServer, listen } from "./static-server.ts";

const usage = "usage: npm start -- [--port 4173] [--host [ADDRESS]] [--cert FILE --key FILE]";
const EVERY_ADDRESS = "0.0.0.0";
const LOOPBACK = /^(localhost|127\..*|::1)$/;

function fail(message: string): never {
  console.error(`darkroom: ${message}`);
  process.exit(2);
}

function readOptions() {
  // `--host` alone means every address, as with Vite; parseArgs knows only options with a value or without.
  const args = process.argv.slice(2).flatMap((arg, i, all) => {
    const alone = arg === "--host" && (all[i + 1] ?? "--").startsWith("--");
    return alone ? [arg, EVERY_ADDRESS] : [arg];
  });
  try {
    const { values } = parseArgs({
      args,
      options: {
        port: { type: "string", default: "4173" },
        host: { type: "string", default: "localhost" },
        cert: { type: "string" },
        key: { type: "string" },
      },
    });
    return values;
  } catch (error) {
    fail(`${(error as Error).message.split("\n")[0]} (${usage})`);
  }
}

function readPort(text: string): number {
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) fail(`--port must be 1 to 65535, not "${text}" (${usage})`);
  return port;
}

/** A certificate and its key in PEM; undefined where the app is served over http. */
function readCertificate(cert: string | undefined, key: string | undefined) {
  if (cert === undefined && key === undefined) return undefined;
  if (cert === undefined || key === undefined) fail(`--cert and --key go together (${usage})`);
  const read = (path: string) => {
    try {
      return readFileSync(path);
    } catch (error) {
      fail(`${path} cannot be read: ${(error as Error).message}`);
    }
  };
  return { cert: read(cert), key: read(key) };
}

/** Addresses under which other machines of the network reach this one. */
const networkAddresses = () =>
  Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ family, internal }) => family === "IPv4" && !internal)
    .map(({ address }) => address);

const { host, cert, key, ...options } = readOptions();
const port = readPort(options.port);
const certificate = readCertificate(cert, key);
const root = fileURLToPath(new URL("../dist/", import.meta.url));
if (!existsSync(`${root}index.html`)) fail("there is nothing to serve yet: run `npm run build` first");

try {
  const server = createStaticServer(root, securityHeaders, certificate);
  const taken = await listen(server, port, host);
  if (taken !== port) console.log(`Port ${port} is in use.`);
  const scheme = certificate ? "https" : "http";
  const everywhere = host === EVERY_ADDRESS || host === "::";
  const [first, ...others] = everywhere ? ["localhost", ...networkAddresses()] : [host];
  console.log(`Darkroom is at ${scheme}://${first}:${taken}/ (Ctrl+C ends it)`);
  for (const address of others) console.log(`On the network at ${scheme}://${address}:${taken}/`);
  if (!certificate && !LOOPBACK.test(host)) {
    console.log(
      "Over http other machines draw on one thread of the CPU and keep no pictures; --cert and --key serve https.",
    );
  }
} catch (error) {
  fail(`cannot listen on ${host}, port ${port}: ${(error as Error).message}`);
}
