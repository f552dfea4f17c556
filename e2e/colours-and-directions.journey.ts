import { decode } from "fast-png";
import { expect, test } from "./fixtures.ts";
import { contrast } from "./pixels.ts";

const wish = { prompt: "a red apple", steps: 3, seed: 1 };

test("with the visitor's own few colours, what is chosen differs from what is not", async ({ darkroom, page }) => {
  await page.emulateMedia({ forcedColors: "active" });
  await darkroom.open("?device=cpu");
  await darkroom.chooseSmallestSize();
  await darkroom.make(wish);
  await darkroom.make({ ...wish, seed: 2 });
  const looks = (selector: string) =>
    page.locator(selector).evaluateAll((all) =>
      all.map((one) => {
        const { backgroundColor, outlineStyle, outlineColor, borderTopColor } = getComputedStyle(one);
        const after = getComputedStyle(one, "::after").backgroundColor;
        return [backgroundColor, outlineStyle, outlineColor, borderTopColor, after].join(" ");
      }),
    );
  for (const [what, chosen, others] of [
    ["view", ".timeline .switch input:checked + span", ".timeline .switch input:not(:checked) + span"],
    ["step", ".strip-option[aria-selected=true]", ".strip-option[aria-selected=false]"],
    ["picture", ".result-pick[aria-current=true]", ".result-pick[aria-current=false]"],
  ]) {
    const [one] = await looks(chosen);
    expect(one, what).toBeDefined();
    expect(await looks(others), what).not.toContain(one);
  }
  const { data } = decode(await page.locator("input[type=range]").first().screenshot());
  expect(contrast(Buffer.from(data)), "a slider").toBeGreaterThan(10);
});

test("prompts run in the direction of their script", async ({ darkroom, page }) => {
  await darkroom.open("?device=cpu");
  for (const field of [darkroom.prompt, darkroom.negativePrompt]) {
    for (const [text, direction] of [
      ["قطة حمراء with a hat", "rtl"],
      ["חתול אדום", "rtl"],
      ["a red cat, قطة", "ltr"],
    ]) {
      await field.fill(text);
      await expect(field).toHaveCSS("direction", direction);
    }
  }
  // The marks under unknown words lie over the words.
  await darkroom.prompt.fill("قطة حمراء");
  await darkroom.negativePrompt.click();
  await expect(page.locator(".prompt-marks")).toHaveCSS("direction", "rtl");
});

test("loading and ready are announced; no file field is heard, and each has a name", async ({ darkroom, page }) => {
  await page.addInitScript(() => {
    const heard: string[] = [];
    Object.assign(window, { heard });
    new MutationObserver(() => {
      const text = document.querySelector('p[aria-live="polite"].visually-hidden')?.textContent;
      if (text && heard.at(-1) !== text) heard.push(text);
    }).observe(document, { subtree: true, childList: true, characterData: true });
  });
  await darkroom.open("?device=cpu");
  const heard = () => page.evaluate(() => (window as unknown as { heard: string[] }).heard);
  await expect.poll(heard).toContain("Safelight 1 is ready.");
  expect((await heard())[0]).toMatch(/^Loading /);
  const fields = await page
    .locator("input[type=file]")
    .evaluateAll((all) => all.map((one) => [one.checkVisibility(), one.getAttribute("aria-label") ?? ""]));
  expect(fields.length).toBeGreaterThan(0);
  for (const [visible, name] of fields) {
    expect(visible).toBe(false);
    expect(name).not.toBe("");
  }
});
