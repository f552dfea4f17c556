/**
 * `npm run bench`: how long everything takes in a real browser on the built app, and how many bytes a first visit fetches.
 * Prints a table and writes bench.json. Nothing is asserted: numbers depend on the machine, targets stand beside them.
 */
import { execFileSync } from "node:child_process";
import { statSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { type BrowserContext, chromium, type Page } from "@playwright/test";
import { DarkroomPage } from "../e2e/pages/darkroom.page.ts";
import { browserArgs, findBrowser } from "../scripts/browser.ts";
import { securityHeaders } from "../scripts/security-headers.ts";
import type { RunTimings } from "../workers/protocol.ts";
import { createStaticServer, listen } from "./static-server.ts";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = join(root, "dist");

const { values: options } = parseArgs({
  options: {
    device: { type: "string", default: "cpu" },
    runs: { type: "string", default: "3" },
    steps: { type: "string" },
    output: { type: "string", default: join(root, "bench.json") },
  },
});
const prompt = "a red apple";

interface Fetched {
  file: string;
  transferredBytes: number;
  storedBytes: number;
}

interface Measured {
  timings: RunTimings;
  /** milliseconds between the arrivals of the steps on the page */
  steps: number[];
  longTasks: number[];
}

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
const address = `http://localhost:${port}/?device=${options.device}&test`;

const browser = await chromium.launch({
  executablePath: findBrowser(),
  args: [...browserArgs, "--enable-unsafe-webgpu"],
});
try {
  const context = await browser.newContext();
  const cold = await visit(context);
  const firstVisit = mergeByFile(fetched.splice(0));
  const warm = await visit(context);

  const { page } = warm;
  const darkroom = new DarkroomPage(page);
  const runs: Measured[] = [];
  for (let i = 0; i < Number(options.runs); i++) runs.push(await measureRun(page, darkroom, i));
  const steps = Number(await darkroom.steps.inputValue());
  const size = `${await darkroom.width.inputValue()} x ${await darkroom.height.inputValue()}`;
  const guidanceScale = Number(await darkroom.guidanceScale.inputValue());
  const backend = (await darkroom.backend.textContent()) ?? "";

  // What the target for a step was set for.
  const comparable = backend === "CPU, 4 threads" && size === "256 x 256" && guidanceScale > 1;
  const [small, large] = [512, 1024].map(decodeMemory);
  const of = (read: (run: Measured) => number) => median(runs.map(read));
  const report = {
    machine: { processor: cpus()[0]?.model ?? "unknown", cores: cpus().length, browser: browser.version() },
    settings: { backend, size, steps, guidanceScale },
    firstVisit,
    milliseconds: {
      coldFirstPicture: cold.firstPicture,
      warmFirstPicture: warm.firstPicture,
      coldModelLoad: cold.modelReady,
      warmModelLoad: warm.modelReady,
      textEncoder: of(({ timings }) => timings.textEncoder),
      step: of(({ timings }) => timings.denoise / steps),
      decode: of(({ timings }) => timings.decode),
      run: of(({ timings }) => timings.total),
      sessionRun: of(({ timings }) => timings.sessionRun),
    },
    memory: { decode512: small, decode1024: large },
    targets: {
      decodeMemory: { value: large / small, atMost: 1.5 },
      runOverSessionRun: { value: of(({ timings }) => timings.total / timings.sessionRun), atMost: 1.05 },
      longTasks: { value: runs.reduce((sum, run) => sum + run.longTasks.length, 0), atMost: 0 },
      ...(comparable && {
        stepMilliseconds: { value: of(({ timings }) => timings.denoise / steps), atMost: 120 },
      }),
    },
    runs,
  };
  await writeFile(options.output, `${JSON.stringify(report, null, 2)}\n`);
  print(report);
  console.log(`\nWritten to ${options.output}`);
} finally {
  await browser.close();
  server.closeAllConnections();
  server.close();
}

/** Opens the app in a new tab, asks for a picture at once and waits for it. Milliseconds from the navigation on. */
async function visit(context: BrowserContext): Promise<{ page: Page; modelReady: number; firstPicture: number }> {
  const page = await context.newPage();
  await page.addInitScript(() => {
    const tasks: { start: number; duration: number }[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, duration });
    }).observe({ type: "longtask", buffered: true });
  });
  const darkroom = new DarkroomPage(page);
  const start = performance.now();
  await page.goto(address);
  await darkroom.ready();
  const modelReady = performance.now() - start;
  await darkroom.fill({ prompt, seed: 1, ...(options.steps ? { steps: Number(options.steps) } : {}) });
  await darkroom.generate.click();
  await darkroom.picture(prompt).waitFor({ timeout: 0 });
  return { page, modelReady, firstPicture: performance.now() - start };
}

async function measureRun(page: Page, darkroom: DarkroomPage, index: number): Promise<Measured> {
  const own = `${prompt} number ${index + 1}`; // a prompt of its own: the engine keeps the encodings of the last ones
  await darkroom.fill({ prompt: own, seed: 100 + index });
  await page.evaluate(() => {
    const arrivals: number[] = [];
    let known = 0;
    const observer = new MutationObserver(() => {
      const count = document.querySelectorAll('[role="option"][aria-label^="Step "]').length;
      if (count > known) arrivals.push(performance.now());
      known = count;
    });
    observer.observe(document.body, { subtree: true, childList: true });
    Object.assign(window, { arrivals, observer, runStart: performance.now() });
  });
  await darkroom.finish(own, () => darkroom.generate.click());
  return page.evaluate(() => {
    const view = window as unknown as {
      darkroom?: { lastTimings?: () => RunTimings | undefined };
      arrivals: number[];
      observer: MutationObserver;
      runStart: number;
      longTasks: { start: number; duration: number }[];
    };
    const timings = view.darkroom?.lastTimings?.();
    if (!timings) throw new Error("The page does not say its timings: window.darkroom.lastTimings is missing.");
    const { arrivals, observer, runStart, longTasks } = view;
    observer.disconnect();
    return {
      timings,
      steps: arrivals.slice(1).map((time, i) => time - arrivals[i]),
      longTasks: longTasks.filter(({ start }) => start >= runStart).map(({ duration }) => duration),
    };
  });
}

/** Peak bytes of a process of its own that decodes a picture of that side. */
function decodeMemory(side: number): number {
  const child = execFileSync("npx", ["tsx", join(root, "cli/decode-memory.ts"), String(side)], { encoding: "utf8" });
  return (JSON.parse(child) as { decoded: number }).decoded;
}

function mergeByFile(list: Fetched[]): Fetched[] {
  const files = new Map<string, Fetched>();
  for (const one of list) {
    const known = files.get(one.file);
    if (known) known.transferredBytes += one.transferredBytes;
    else files.set(one.file, { ...one });
  }
  return [...files.values()].sort((a, b) => b.transferredBytes - a.transferredBytes);
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

interface Report {
  machine: { processor: string; cores: number; browser: string };
  settings: { backend: string; size: string; steps: number; guidanceScale: number };
  firstVisit: Fetched[];
  milliseconds: Record<string, number>;
  targets: Record<string, { value: number; atMost: number }>;
}

function print({ machine, settings, firstVisit, milliseconds, targets }: Report): void {
  console.log(`${machine.processor}, ${machine.cores} cores, Chromium ${machine.browser}`);
  console.log(
    `${settings.backend}, ${settings.size} pixels, ${settings.steps} steps, guidance scale ${settings.guidanceScale}\n`,
  );
  const total = (read: (one: Fetched) => number) => firstVisit.reduce((sum, one) => sum + read(one), 0);
  table(
    ["first visit: file", "transferred", "stored"],
    [
      ...firstVisit.map((one) => [one.file, bytes(one.transferredBytes), bytes(one.storedBytes)]),
      ["total", bytes(total((one) => one.transferredBytes)), bytes(total((one) => one.storedBytes))],
    ],
  );
  const words: Record<string, string> = {
    coldFirstPicture: "first picture, cold (from the navigation on)",
    warmFirstPicture: "first picture, warm",
    coldModelLoad: "model ready, cold",
    warmModelLoad: "model ready, warm",
    textEncoder: "text encoding",
    step: "one step",
    decode: "decode",
    run: "whole run",
    sessionRun: "of that in session.run",
  };
  table(
    ["time", "ms"],
    Object.entries(milliseconds).map(([key, value]) => [words[key] ?? key, value.toFixed(1)]),
  );
  const targetWords: Record<string, string> = {
    runOverSessionRun: "whole run / sum of session.run",
    decodeMemory: "peak memory of decoding 1024 x 1024 / 512 x 512",
    longTasks: "long tasks on the main thread during the runs",
    stepMilliseconds: "one step in ms (256 x 256, guidance, 4 CPU threads)",
  };
  table(
    ["target", "measured", "at most", ""],
    Object.entries(targets).map(([key, { value, atMost }]) => [
      targetWords[key] ?? key,
      Number.isInteger(value) ? String(value) : value.toFixed(3),
      String(atMost),
      value <= atMost ? "met" : "not met",
    ]),
  );
}

function bytes(value: number): string {
  return value.toLocaleString("en-GB");
}

function table(head: string[], rows: string[][]): void {
  const widths = head.map((_, i) => Math.max(...[head, ...rows].map((row) => row[i].length)));
  const line = (row: string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  console.log([line(head), widths.map((width) => "-".repeat(width)).join("  "), ...rows.map(line), ""].join("\n"));
}
