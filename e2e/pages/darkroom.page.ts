import { type Locator, type Page, expect as playwrightExpect } from "@playwright/test";

/** Loading a model and making a picture take their time on a slow machine; nothing here asserts how long. */
const expect = playwrightExpect.configure({ timeout: 600_000 });

/** What a journey asks for; what is left out stays as the model's defaults have it. */
export interface Wish {
  prompt: string;
  negativePrompt?: string;
  steps?: number;
  guidanceScale?: number;
  seed?: number;
}

/** The page, by the names that a screen reader hears. */
export class DarkroomPage {
  readonly prompt: Locator;
  readonly negativePrompt: Locator;
  readonly generate: Locator;
  readonly cancel: Locator;
  readonly steps: Locator;
  readonly guidanceScale: Locator;
  readonly guidanceStart: Locator;
  readonly seed: Locator;
  readonly width: Locator;
  readonly height: Locator;
  readonly sampler: Locator;
  readonly model: Locator;
  readonly denoising: Locator;
  readonly strip: Locator;
  readonly backend: Locator;
  /** pictures of this visit */
  readonly results: Locator;

  constructor(readonly page: Page) {
    this.prompt = page.getByRole("textbox", { name: "Prompt", exact: true });
    this.negativePrompt = page.getByRole("textbox", { name: "Negative prompt" });
    this.generate = page.getByRole("button", { name: "Generate", exact: true });
    this.cancel = page.getByRole("button", { name: "Cancel", exact: true });
    this.steps = page.getByRole("spinbutton", { name: "Steps", exact: true });
    this.guidanceScale = page.getByRole("spinbutton", { name: "Guidance scale" });
    this.guidanceStart = page.getByRole("spinbutton", { name: "Guidance start" });
    this.seed = page.getByRole("spinbutton", { name: "Seed", exact: true });
    this.width = page.getByRole("spinbutton", { name: "Width" });
    this.height = page.getByRole("spinbutton", { name: "Height" });
    this.sampler = page.getByRole("combobox", { name: "Sampler" });
    this.model = page.getByRole("combobox", { name: "Model" });
    this.denoising = page.getByRole("progressbar", { name: "Denoising" });
    this.strip = page.getByRole("listbox", { name: "Steps" });
    this.backend = page.getByText(/^(CPU, \d+ threads?|WebGPU, .+)$/);
    this.results = page.getByRole("list", { name: "Pictures of this visit" }).getByRole("listitem");
  }

  /** Opens the app and waits until its model is loaded. */
  async open(address = "./"): Promise<void> {
    await this.page.goto(address);
    await this.ready();
  }

  async reload(): Promise<void> {
    await this.page.reload();
    await this.ready();
  }

  async ready(): Promise<void> {
    await expect(this.backend).toBeVisible();
  }

  picture(prompt: string): Locator {
    return this.page.getByRole("img", { name: prompt, exact: true });
  }

  step(number: number, total: number): Locator {
    return this.strip.getByRole("option", { name: `Step ${number} of ${total}`, exact: true });
  }

  async fill({ prompt, negativePrompt, steps, guidanceScale, seed }: Wish): Promise<void> {
    await this.prompt.fill(prompt);
    if (negativePrompt !== undefined) await this.negativePrompt.fill(negativePrompt);
    if (steps !== undefined) await this.steps.fill(String(steps));
    if (guidanceScale !== undefined) await this.guidanceScale.fill(String(guidanceScale));
    if (seed !== undefined) await this.seed.fill(String(seed));
  }

  /** The smallest picture that the model makes: for the software GPU, which takes seconds for a convolution. */
  async chooseSmallestSize(): Promise<void> {
    for (const side of [this.width, this.height]) await side.fill((await side.getAttribute("min")) ?? "");
  }

  /** Presses Generate, and agrees where the page says that the picture will be the same as before. */
  async press(): Promise<void> {
    await this.generate.click();
    const anyway = this.page.getByRole("button", { name: "Generate anyway" });
    if (await anyway.isVisible()) await anyway.click();
  }

  /** Fills in the wish, presses Generate, waits for the picture and returns its pixels. */
  async make(wish: Wish): Promise<Buffer> {
    await this.fill(wish);
    return this.finish(wish.prompt, () => this.press());
  }

  /** Megabytes, as the status line tells after a run. */
  async peakMemory(): Promise<number> {
    const told = await this.page.getByText(/^Done in .+, at most [\d.]+ MB of memory$/).textContent();
    return Number(/at most ([\d.]+) MB/.exec(told ?? "")?.[1]);
  }

  /** Waits for the picture that `start` leads to, and returns its pixels. */
  async finish(prompt: string, start: () => Promise<void>): Promise<Buffer> {
    const picture = this.picture(prompt);
    const earlier = (await picture.count()) > 0 ? await picture.getAttribute("src") : null;
    await start();
    await expect(picture).toBeVisible();
    if (earlier) await expect(picture).not.toHaveAttribute("src", earlier);
    return this.pixels(picture);
  }

  /** RGBA bytes of an img. */
  async pixels(image: Locator): Promise<Buffer> {
    const base64 = await image.evaluate(async (element) => {
      const img = element as HTMLImageElement;
      await img.decode();
      const canvas = new OffscreenCanvas(img.naturalWidth, img.naturalHeight);
      const context = canvas.getContext("2d");
      if (!context) throw new Error("no 2d context");
      context.drawImage(img, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let text = "";
      for (let i = 0; i < data.length; i += 8192) text += String.fromCharCode(...data.subarray(i, i + 8192));
      return btoa(text);
    });
    return Buffer.from(base64, "base64");
  }

  /** The preview in every option of the strip, as text that is equal for equal pixels. */
  async previews(): Promise<string[]> {
    return this.strip.getByRole("option").evaluateAll((options) =>
      options.map((option) => {
        const canvas = option.querySelector("canvas");
        const data = canvas?.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data;
        if (!canvas || !data) throw new Error("an option without a preview");
        return `${canvas.width}x${canvas.height} ${data.join(" ")}`;
      }),
    );
  }

  /** From now on notes how many steps the strip holds, each time that this changes. */
  async watchStrip(): Promise<() => Promise<number[]>> {
    await this.page.evaluate(() => {
      const counts: number[] = [];
      Object.assign(window, { stripCounts: counts });
      new MutationObserver(() => {
        const count = document.querySelectorAll('[role="option"][aria-label^="Step "]').length;
        if (count !== (counts.at(-1) ?? 0)) counts.push(count);
      }).observe(document.body, { subtree: true, childList: true });
    });
    return () => this.page.evaluate(() => (window as unknown as { stripCounts: number[] }).stripCounts);
  }

  /**
   * Presses Cancel the moment that a step appears, from within the page: a step may be shorter than the way from here.
   * To be called before the run; resolves when it was pressed.
   */
  async cancelAtStep(number: number, total: number): Promise<void> {
    await this.page.evaluate(
      (label) =>
        new Promise<void>((done) => {
          const observer = new MutationObserver(() => {
            if (!document.querySelector(`[role="option"][aria-label="${label}"]`)) return;
            observer.disconnect();
            const buttons = [...document.querySelectorAll("button")];
            buttons.find(({ textContent }) => textContent === "Cancel")?.click();
            done();
          });
          observer.observe(document.body, { subtree: true, childList: true });
        }),
      `Step ${number} of ${total}`,
    );
  }

  /** Ends the engine's worker as a crash would; the page offers this with `?test` in its address. */
  async killWorker(): Promise<void> {
    await this.page.evaluate(() => (window as unknown as { darkroom: { killWorker(): void } }).darkroom.killWorker());
  }
}
