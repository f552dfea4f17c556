import { expect, type Page } from "@playwright/test";

/** Windows that the layout must hold in, in CSS pixels: width, height, what has such a window. */
export const WINDOWS: [number, number, string][] = [
  [320, 480, "a small phone"],
  [320, 256, "1280 x 1024 at 400 %"],
  [455, 207, "1366 x 620 at 300 %"],
  [390, 664, "a phone with the browser's bars"],
  [390, 364, "a phone with its keyboard"],
  [390, 844, "a phone"],
  [932, 430, "a phone held sideways"],
  [820, 1180, "a tablet"],
  [1024, 600, "a netbook"],
  [1366, 620, "a laptop with the browser's bars"],
  [1440, 900, "a laptop"],
  [1920, 1080, "a desktop"],
  [2560, 1440, "a large desktop"],
];

export interface Look {
  /** pairs of visible controls that lie over each other */
  overlaps: string[];
  /** controls of the page that reach beyond its window */
  outside: string[];
  /** the visible height of the picture, or of the welcome, as a share of the window's */
  picture: number;
  /** whether a control lies within the window, whole and visible */
  prompt: boolean;
  generate: boolean;
}

/** What is to be seen of the page's controls: each clipped by the window and by what scrolls around it. */
export function look(page: Page): Promise<Look> {
  return page.evaluate(() => {
    interface Box {
      left: number;
      top: number;
      right: number;
      bottom: number;
    }
    const meet = (a: Box, b: Box): Box => ({
      left: Math.max(a.left, b.left),
      top: Math.max(a.top, b.top),
      right: Math.min(a.right, b.right),
      bottom: Math.min(a.bottom, b.bottom),
    });
    const boxOf = (element: Element): Box => {
      const { left, top, right, bottom } = element.getBoundingClientRect();
      return { left, top, right, bottom };
    };
    const visible = (element: Element): Box => {
      let box = meet(boxOf(element), { left: 0, top: 0, right: innerWidth, bottom: innerHeight });
      for (let one = element.parentElement; one; one = one.parentElement) {
        const { overflow, display } = getComputedStyle(one);
        if (overflow !== "visible" && display !== "contents") box = meet(box, boxOf(one));
      }
      return box;
    };
    const wide = ({ left, right }: Box) => right - left;
    const tall = ({ top, bottom }: Box) => bottom - top;
    const nameOf = (element: Element) =>
      element.getAttribute("aria-label") ?? (element.textContent?.trim() || element.id || element.className);

    const controls = [...document.querySelectorAll("button, a[href], input, select, textarea, [role=listbox]")]
      .filter((element) => element.checkVisibility() && getComputedStyle(element).clipPath === "none")
      .map((element) => ({ element, box: visible(element) }))
      .filter(({ box }) => wide(box) > 1 && tall(box) > 1);
    const overlaps: string[] = [];
    for (const [i, a] of controls.entries()) {
      for (const b of controls.slice(i + 1)) {
        if (a.element.closest(".result") && a.element.parentElement === b.element.parentElement) continue; // the X of a thumbnail
        const both = meet(a.box, b.box);
        if (wide(both) > 1 && tall(both) > 1) overlaps.push(`${nameOf(a.element)} / ${nameOf(b.element)}`);
      }
    }
    const outside = controls
      .filter(({ element }) => {
        const scrolled = element.closest(".run-actions, .results, .work, .panel, .welcome, .bench");
        const { left, right } = boxOf(element);
        return !scrolled && (left < -1 || right > innerWidth + 1);
      })
      .map(({ element }) => nameOf(element));
    const whole = (element: Element | undefined) => {
      if (!element) return false;
      const [all, seen] = [boxOf(element), visible(element)];
      return tall(all) > 0 && tall(all) - tall(seen) < 1 && wide(all) - wide(seen) < 1;
    };
    const frame = document.querySelector(".frame");
    const generate = [...document.querySelectorAll("button")].find(({ textContent }) => textContent === "Generate");
    return {
      overlaps,
      outside,
      picture: frame ? tall(visible(frame)) / innerHeight : 0,
      prompt: whole(document.querySelector("textarea.prompt-text") ?? undefined),
      generate: whole(generate),
    };
  });
}

/** In every window no control lies over another, the prompt and Generate are there, and the picture has 40 % of the height. */
export async function expectLayout(page: Page, state: string, windows = WINDOWS): Promise<void> {
  for (const [width, height, what] of windows) {
    await page.setViewportSize({ width, height });
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
    const where = `${state}, ${width} x ${height} (${what})`;
    // A busy machine lays out a moment later.
    await expect(async () => {
      const { picture, ...seen } = await look(page);
      expect(seen, where).toEqual({ overlaps: [], outside: [], prompt: true, generate: true });
      expect(picture, `${where}: the picture's share of the height`).toBeGreaterThanOrEqual(0.4);
    }).toPass({ timeout: 10_000 });
  }
  await page.setViewportSize({ width: 1440, height: 900 });
}
