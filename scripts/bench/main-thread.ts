/**
 * Whether the page answers while it works: tasks of the main thread that take longer than 50 ms, as the browser itself counts them
 * (PerformanceObserver's longtask). Where the machine is busy a task also waits for its turn on a core; so the trace's thread time, what the
 * task itself computed, stands beside.
 */
import type { BrowserContext, Page } from "@playwright/test";
import { DarkroomPage } from "../../e2e/pages/darkroom.page.ts";
import { GalleryPage } from "../../e2e/pages/gallery.page.ts";
import { SavePage } from "../../e2e/pages/save.page.ts";
import type { Row, Section } from "./report.ts";
import { seedGallery } from "./seed-gallery.ts";
import { type Stand, visitor } from "./stand.ts";

const LONG = 50;
const PICTURES = 1000;
const prompt = "a red apple";

interface Busy {
  /** milliseconds of each long task */
  longTasks: number[];
  /** milliseconds that the longest task computed */
  longestComputed: number;
}

export async function mainThread(stand: Stand, repeats: number, steps: number | undefined): Promise<Section[]> {
  const measured: Record<string, Busy[]> = {};
  for (let i = 0; i < repeats; i++) {
    await visitor(stand, async (context) => {
      for (const [what, busy] of Object.entries(await once(stand, context, steps))) {
        measured[what] = [...(measured[what] ?? []), busy];
      }
    });
  }
  const rows = Object.entries(measured).flatMap(([what, times]): Row[] => {
    const tasks = times.flatMap(({ longTasks }) => longTasks);
    return [
      { what: `${what}: tasks over ${LONG} ms`, value: tasks.length, atMost: 0 },
      { what: `${what}: the longest of them`, value: Math.max(0, ...tasks), unit: "ms" },
      {
        what: `${what}: the most that a task computed`,
        value: Math.max(...times.map(({ longestComputed }) => longestComputed)),
        unit: "ms",
        atMost: LONG,
      },
    ];
  });
  return [{ title: `main thread, ${repeats} times each`, rows, details: measured }];
}

async function once(stand: Stand, context: BrowserContext, steps: number | undefined): Promise<Record<string, Busy>> {
  const page = await context.newPage();
  await page.addInitScript("globalThis.__name = (named) => named"); // tsx wraps named functions in a helper of its own
  await page.addInitScript(() => {
    const tasks: { start: number; duration: number }[] = [];
    Object.assign(window, { longTasks: tasks });
    new PerformanceObserver((list) => {
      for (const { startTime, duration } of list.getEntries()) tasks.push({ start: startTime, duration });
    }).observe({ type: "longtask", buffered: true });
  });
  const darkroom = new DarkroomPage(page);
  await darkroom.open(stand.address);
  await seedGallery(page, PICTURES);
  await darkroom.reload();
  const gallery = new GalleryPage(page);
  await gallery.kept(PICTURES);
  await darkroom.fill({ prompt, seed: 1, ...(steps === undefined ? {} : { steps }) });

  const watch = (job: () => Promise<void>) => whileBusy(stand, page, job);
  const run = await watch(async () => {
    await darkroom.generate.click();
    await darkroom.picture(prompt).waitFor({ timeout: 0 });
  });
  const opening = await watch(() => gallery.open());
  const scrolling = await watch(() => scrollThrough(page, gallery));
  const searching = await watch(async () => {
    await gallery.search.pressSequentially("green 7", { delay: 120 });
    await gallery.search.fill("");
    await page.waitForTimeout(500);
  });
  await gallery.close();
  const save = new SavePage(page);
  await save.open.click();
  await save.choose("Time-lapse video");
  const timeLapse = await watch(async () => void (await save.download()));
  return {
    "a run": run,
    [`opening a gallery of ${PICTURES}`]: opening,
    "scrolling through it": scrolling,
    "searching it": searching,
    "a time-lapse export": timeLapse,
  };
}

/** To the last picture, as a wheel that is turned fast does it. */
async function scrollThrough(page: Page, gallery: GalleryPage): Promise<void> {
  const box = await gallery.dialog.boundingBox();
  if (!box) throw new Error("The gallery is not open.");
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (;;) {
    const end = await gallery.dialog.evaluate(({ scrollTop, clientHeight, scrollHeight }) => ({
      reached: scrollTop + clientHeight >= scrollHeight - 1,
      tiles: document.querySelectorAll(".gallery-tile").length,
    }));
    if (end.reached && end.tiles >= PICTURES) return;
    await page.mouse.wheel(0, 600);
    await page.waitForTimeout(50);
  }
}

async function whileBusy({ browser }: Stand, page: Page, job: () => Promise<void>): Promise<Busy> {
  await browser.startTracing(page, { categories: ["toplevel", "__metadata"] });
  const start = await page.evaluate(() => performance.now());
  await job();
  const longTasks = await page.evaluate(async (from) => {
    await new Promise((done) => setTimeout(done, 200)); // the observer hears of a task after it
    const { longTasks: tasks } = window as unknown as { longTasks: { start: number; duration: number }[] };
    return tasks.filter((task) => task.start >= from).map(({ duration }) => duration);
  }, start);
  return { longTasks, longestComputed: longestComputed(await browser.stopTracing()) };
}

/** Milliseconds of thread time, from a trace of Chromium's: the longest task of the main threads of its renderers. */
function longestComputed(trace: Buffer): number {
  interface Event {
    name: string;
    ph: string;
    pid: number;
    tid: number;
    /** microseconds of thread time */
    tdur?: number;
    args?: { name?: string };
  }
  const { traceEvents } = JSON.parse(trace.toString()) as { traceEvents: Event[] };
  const isMain = ({ name, args }: Event) => name === "thread_name" && args?.name === "CrRendererMain";
  const main = new Set(traceEvents.filter(isMain).map(({ pid, tid }) => `${pid} ${tid}`));
  let longest = 0;
  for (const { name, pid, tid, tdur = 0 } of traceEvents) {
    if (name.endsWith("RunTask") && main.has(`${pid} ${tid}`)) longest = Math.max(longest, tdur / 1000);
  }
  return longest;
}
