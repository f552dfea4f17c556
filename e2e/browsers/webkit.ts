/** WebKitGTK's MiniBrowser, driven by plain WebDriver (W3C), on a display of its own. */
import { type ChildProcess, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import type { Browser } from "./driven-page.ts";

interface WebKit {
  driver: string;
  browser: string;
  xvfb: string;
}

const onPath = (name: string) =>
  (process.env.PATH ?? "")
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find((path) => existsSync(path));

/** undefined where Debian's webkit2gtk-driver or xvfb is not installed */
export function findWebKit(): WebKit | undefined {
  const libraries = existsSync("/usr/lib") ? readdirSync("/usr/lib") : [];
  const browser = libraries
    .flatMap((folder) => ["webkit2gtk-4.1", "webkitgtk-6.0"].map((name) => `/usr/lib/${folder}/${name}/MiniBrowser`))
    .find((path) => existsSync(path));
  const [driver, xvfb] = [onPath("WebKitWebDriver"), onPath("Xvfb")];
  return browser && driver && xvfb ? { browser, driver, xvfb } : undefined;
}

export async function launchWebKit({ browser, driver, xvfb }: WebKit): Promise<Browser> {
  const port = await freePort();
  const display = `:${100 + (port % 900)}`;
  const children: ChildProcess[] = [spawn(xvfb, [display, "-screen", "0", "1440x900x24", "-nolisten", "tcp"])];
  const environment = {
    ...process.env,
    DISPLAY: display,
    GDK_BACKEND: "x11",
    LIBGL_ALWAYS_SOFTWARE: "1",
    // WebKit's own sandbox refuses root.
    ...(process.getuid?.() === 0 && { WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: "1" }),
  };
  children.push(spawn(driver, [`--port=${port}`], { env: environment }));
  const end = () => {
    for (const child of children) child.kill();
  };
  const call = async <T>(method: string, path: string, body?: object): Promise<T> => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {
      method,
      ...(body && { body: JSON.stringify(body) }),
    });
    const { value } = (await response.json()) as { value: T & { message?: string } };
    if (!response.ok) throw new Error(value.message);
    return value;
  };
  try {
    const options = { binary: browser, args: ["--automation"] };
    const capabilities = { alwaysMatch: { "webkitgtk:browserOptions": options, timeouts: { script: 60_000 } } };
    const { sessionId } = await retried(() => call<{ sessionId: string }>("POST", "/session", { capabilities }));
    const session = `/session/${sessionId}`;
    return {
      open: (url) => call("POST", `${session}/url`, { url }),
      async run<T>(body: string): Promise<T> {
        const script = `const done = arguments[0]; (async () => { ${body} })().then((value) => done({ value }), (error) => done({ error: String(error) }))`;
        const { value, error } = await call<{ value: T; error?: string }>("POST", `${session}/execute/async`, {
          script,
          args: [],
        });
        if (error) throw new Error(error);
        return value;
      },
      async close() {
        await call("DELETE", session).catch(() => {});
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** The display and the driver need a moment. */
async function retried<T>(job: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await job();
    } catch (error) {
      if (tries === 20) throw error;
      await new Promise((done) => setTimeout(done, 500));
    }
  }
}

function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
