import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/** The widths that every screen is looked at: a desktop, a tablet, a phone. */
export const SIZES = [
  { width: 1440, height: 900 },
  { width: 768, height: 1024 },
  { width: 390, height: 844 },
];

/** those that have no room for a panel beside the picture */
export const NARROW = SIZES.slice(1);

/** axe finds nothing and Tab passes no control by, at each of the widths, and what is open stays so; the page is left at the widest. */
export async function expectAccessible(page: Page, screen: string, sizes = SIZES): Promise<void> {
  const dialogs = await page.getByRole("dialog").count();
  for (const size of sizes.toReversed()) {
    await page.setViewportSize(size);
    await expect(page.getByRole("dialog"), `${screen}, ${size.width} pixels wide`).toHaveCount(dialogs);
    const { violations } = await new AxeBuilder({ page }).analyze();
    const found = violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(" ")}`);
    expect(found, `${screen}, ${size.width} pixels wide`).toEqual([]);
    expect(await unreachable(page), `${screen}, ${size.width} pixels wide: controls that Tab passes by`).toEqual([]);
    expect(await overflow(page), `${screen} scrolls sideways at ${size.width} pixels`).toBe(0);
  }
}

/** Controls that no key reaches. A file input has a button that opens it. */
function unreachable(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const all = document.querySelectorAll<HTMLElement>(
      "button, a[href], input:not([type=file]), select, textarea, summary",
    );
    return [...all].filter((one) => one.tabIndex < 0 && !one.closest("[aria-hidden=true]")).map((one) => one.outerHTML);
  });
}

function overflow(page: Page): Promise<number> {
  return page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
}

/** Goes through the page with Tab until the focus is where it began. @returns the names of what had it */
export async function tabThrough(page: Page): Promise<string[]> {
  const names: string[] = [];
  for (let i = 0; i < 200; i++) {
    await page.keyboard.press("Tab");
    const name = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      const labels = (element as HTMLInputElement).labels;
      const label = element.getAttribute("aria-label") ?? labels?.[0]?.textContent ?? element.textContent;
      return label?.trim() || element.outerHTML;
    });
    if (name === null) continue; // the browser itself, between the last and the first
    if (name === names[0]) break;
    names.push(name);
  }
  return names;
}
