/** `npm start`: serves the built app on this machine alone. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { securityHeaders } from "./security-headers.ts";
import { createStaticServer, listen } from "./static-server.ts";

const usage = "usage: npm start -- [--port 4173]";

function fail(message: string): never {
  console.error(`darkroom: ${message}`);
  process.exit(2);
}

function readPort(): number {
  let text: string;
  try {
    text = parseArgs({ options: { port: { type: "string", default: "4173" } } }).values.port;
  } catch (error) {
    fail(`${(error as Error).message.split("\n")[0]} (${usage})`);
  }
  const port = Number(text);
  if (!/^\d+$/.test(text) || port < 1 || port > 65535) fail(`--port must be 1 to 65535, not "${text}" (${usage})`);
  return port;
}

const port = readPort();
const root = fileURLToPath(new URL("../dist/", import.meta.url));
if (!existsSync(`${root}index.html`)) fail("there is nothing to serve yet: run `npm run build` first");

const server = createStaticServer(root, securityHeaders);
try {
  const taken = await listen(server, port);
  if (taken !== port) console.log(`Port ${port} is in use.`);
  console.log(`Darkroom is at http://localhost:${taken}/ (Ctrl+C ends it)`);
} catch (error) {
  fail(`cannot listen on port ${port}: ${(error as Error).message}`);
}
