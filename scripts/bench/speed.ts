/** How long everything takes on the built-in model, from the first visit on, and what the first visit fetches. */
import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { BrowserContext, Page } from "@playwright/test";
import { DarkroomPage } from "../../e2e/pages/darkroom.page.ts";
import type { RunTimings } from "../../workers/protocol.ts";
import { median, type Row, type Section } from "./report.ts";
import { type Fetched, type Stand, visitor } from "./stand.ts";

const prompt = "a red apple";

interface Measured {
  timings: RunTimings;
  /** milliseconds between the arrivals of the steps on the page */
  steps: number[];
}

export function speed(stand: Stand, runCount: number, wantedSteps: number | undefined): Promise<Section[]> {
  return visitor(stand, async (context) => {
    const cold = await visit(context, stand.address, wantedSteps);
    const firstVisit = mergeByFile(stand.fetched.splice(0));
    const warm = await visit(context, stand.address, wantedSteps);

    const darkroom = new DarkroomPage(warm.page);
    // The target is one of a guided step.
    await darkroom.guidanceStart.fill("0");
    const runs: Measured[] = [];
    for (let i = 0; i < runCount; i++) runs.push(await measureRun(warm.page, darkroom, i));
    const steps = Number(await darkroom.steps.inputValue());
    const size = `${await darkroom.width.inputValue()} x ${await darkroom.height.inputValue()}`;
    const guidanceScale = Number(await darkroom.guidanceScale.inputValue());
    const backend = (await darkroom.backend.textContent()) ?? "";

    // What the target for a step was set for.
    const comparable = backend === "CPU, 4 threads" && size === "256 x 256" && guidanceScale > 1;
    const of = (read: (run: Measured) => number) => median(runs.map(read));
    const ms = (what: string, value: number): Row => ({ what, value, unit: "ms" });
    const total = (read: (one: Fetched) => number) => firstVisit.reduce((sum, one) => sum + read(one), 0);
    const [small, large] = [512, 1024].map(decodeMemory);
    return [
      {
        title: "first visit: file, as transferred",
        rows: [
          ...firstVisit.map((one): Row => ({ what: one.file, value: one.transferredBytes, unit: "bytes" })),
          { what: "all, as transferred", value: total((one) => one.transferredBytes), unit: "bytes" },
          { what: "all, as stored", value: total((one) => one.storedBytes), unit: "bytes" },
        ],
        details: firstVisit,
      },
      {
        title: `speed: ${backend}, ${size} pixels, ${steps} steps, guidance scale ${guidanceScale} in every step`,
        rows: [
          ms("first picture, cold (from the navigation on)", cold.firstPicture),
          ms("first picture, warm", warm.firstPicture),
          ms("model ready, cold", cold.modelReady),
          ms("model ready, warm", warm.modelReady),
          ms(
            "text encoding",
            of(({ timings }) => timings.textEncoder),
          ),
          {
            ...ms(
              "one step",
              of(({ timings }) => timings.denoise / steps),
            ),
            ...(comparable && { atMost: 120 }),
          },
          ms(
            "decode",
            of(({ timings }) => timings.decode),
          ),
          ms(
            "whole run",
            of(({ timings }) => timings.total),
          ),
          ms(
            "of that in session.run",
            of(({ timings }) => timings.sessionRun),
          ),
          {
            what: "whole run / sum of session.run",
            value: of(({ timings }) => timings.total / timings.sessionRun),
            atMost: 1.05,
          },
          { what: "peak memory of decoding 1024 x 1024 / 512 x 512", value: large / small, atMost: 1.5 },
        ],
        details: { runs, decode512: small, decode1024: large },
      },
    ];
  });
}

/** Opens the app in a new tab, asks for a picture at once and waits for it. Milliseconds from the navigation on. */
async function visit(
  context: BrowserContext,
  address: string,
  steps: number | undefined,
): Promise<{ page: Page; modelReady: number; firstPicture: number }> {
  const page = await context.newPage();
  const darkroom = new DarkroomPage(page);
  const start = performance.now();
  await page.goto(address);
  await darkroom.ready();
  const modelReady = performance.now() - start;
  await darkroom.fill({ prompt, seed: 1, ...(steps === undefined ? {} : { steps }) });
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
    Object.assign(window, { arrivals, observer });
  });
  await darkroom.finish(own, () => darkroom.generate.click());
  return page.evaluate(() => {
    const view = window as unknown as {
      darkroom?: { lastTimings?: () => RunTimings | undefined };
      arrivals: number[];
      observer: MutationObserver;
    };
    const timings = view.darkroom?.lastTimings?.();
    if (!timings) throw new Error("The page does not say its timings: window.darkroom.lastTimings is missing.");
    const { arrivals, observer } = view;
    observer.disconnect();
    return { timings, steps: arrivals.slice(1).map((time, i) => time - arrivals[i]) };
  });
}

/** Peak bytes of a process of its own that decodes a picture of that side. */
function decodeMemory(side: number): number {
  const script = fileURLToPath(new URL("decode-memory.ts", import.meta.url));
  const child = execFileSync("npx", ["tsx", script, String(side)], { encoding: "utf8" });
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
