import type { Locator, Page } from "@playwright/test";

/** The strip of steps and what plays it. */
export class TimelinePage {
  readonly strip: Locator;
  readonly selected: Locator;
  readonly play: Locator;
  readonly pause: Locator;
  readonly speed: Locator;
  readonly decode: Locator;
  /** the large canvas of the step that is looked at */
  readonly preview: Locator;

  constructor(readonly page: Page) {
    this.strip = page.getByRole("listbox", { name: "Steps" });
    this.selected = this.strip.getByRole("option", { selected: true });
    this.play = page.getByRole("button", { name: "Play the steps" });
    this.pause = page.getByRole("button", { name: "Pause" });
    this.speed = page.getByRole("combobox", { name: "Speed" });
    this.decode = page.getByRole("button", { name: "Decode this step" });
    this.preview = page.getByRole("img", { name: /^Preview, step/ });
  }

  view(name: "Predicted picture" | "Noisy latents"): Locator {
    return this.page.getByRole("radio", { name });
  }

  /** The middle of a step's frame, in pixels of the page. */
  async middleOf(step: Locator): Promise<{ x: number; y: number }> {
    const box = await step.boundingBox();
    if (!box) throw new Error("The step is not on the screen.");
    return { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  }

  /** From now on notes the number of every step that gets selected. */
  async watchSelection(): Promise<() => Promise<number[]>> {
    await this.page.evaluate(() => {
      const seen: number[] = [];
      Object.assign(window, { seenSteps: seen });
      const selected = () => {
        const label = document.querySelector('[role="option"][aria-selected="true"]')?.getAttribute("aria-label");
        return Number(label?.match(/^Step (\d+)/)?.[1]);
      };
      // Only changes count: anything else on the page may change before the selection does.
      let last = selected();
      new MutationObserver(() => {
        const number = selected();
        if (!number || number === last) return;
        last = number;
        seen.push(number);
      }).observe(document.body, { subtree: true, attributes: true, childList: true });
    });
    return () => this.page.evaluate(() => (window as unknown as { seenSteps: number[] }).seenSteps);
  }

  /** The pixels of the large preview, as text that is equal for equal pixels. */
  async previewPixels(): Promise<string> {
    return this.preview.evaluate((canvas) => (canvas as HTMLCanvasElement).toDataURL());
  }
}
