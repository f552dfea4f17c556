import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";

const root = fileURLToPath(new URL("../", import.meta.url));
let child: ChildProcess | undefined;
afterEach(() => child?.kill());

/** What it prints until it ends. */
function serve(args: string[]): Promise<string> {
  const started = spawn(process.execPath, ["node_modules/tsx/dist/cli.mjs", "cli/serve.ts", ...args], { cwd: root });
  child = started;
  return new Promise((resolve) => {
    let text = "";
    for (const stream of [started.stdout, started.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        text += chunk;
      });
    }
    started.on("close", () => resolve(text));
  });
}

test.each([
  [["--cert", "a.pem"], /--cert and --key go together/],
  [["--cert", "no.pem", "--key", "no.pem"], /no\.pem cannot be read/],
  [["--port", "x"], /--port must be 1 to 65535/],
  [["--hots"], /Unknown option '--hots'.*usage: npm start/],
])("%j is refused with the remedy", async (args, said) => {
  expect(await serve(args)).toMatch(said);
});
