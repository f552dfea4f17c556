/** The page in any browser that runs a script: what a visitor types and sees, by the names that a screen reader hears. */
import { expect as playwrightExpect } from "@playwright/test";

/** Loading a model and drawing take their time on a slow machine; nothing here asserts how long. */
const expect = playwrightExpect.configure({ timeout: 300_000 });

export interface Browser {
  open(url: string): Promise<void>;
  /** Runs the body of an async function in the page, and gives back what it returns. */
  run<T>(body: string): Promise<T>;
  close(): Promise<void>;
}

export interface Wish {
  prompt: string;
  steps: number;
  seed: number;
}

export class DrivenPage {
  constructor(readonly browser: Browser) {}

  async open(url: string): Promise<void> {
    await this.browser.open(url);
    await this.ready();
  }

  /** A page that is being replaced answers nothing for a moment. */
  text = () => this.browser.run<string>("return document.body.innerText").catch(() => "");

  async sees(text: RegExp): Promise<void> {
    await expect.poll(this.text).toMatch(text);
  }

  async ready(): Promise<void> {
    await this.sees(/^(CPU, \d+ threads?|WebGPU, .+)$/m);
  }

  /** Fills in the wish, presses Generate, waits for the picture and returns its pixels, RGBA. */
  async make({ prompt, steps, seed }: Wish): Promise<{ width: number; height: number; rgba: Uint8Array }> {
    await this.browser.run(`
      const named = (name, type) =>
        [...document.querySelectorAll(type)].find(
          (one) => one.labels?.[0]?.textContent.trim() === name && one.type !== "range",
        );
      const type = (field, text) => {
        Object.getOwnPropertyDescriptor(Object.getPrototypeOf(field), "value").set.call(field, text);
        field.dispatchEvent(new Event("input", { bubbles: true }));
      };
      type(named("Prompt", "textarea"), ${JSON.stringify(prompt)});
      type(named("Steps", "input"), "${steps}");
      type(named("Seed", "input"), "${seed}");
      const button = [...document.querySelectorAll("button")].find((one) => one.textContent.trim() === "Generate");
      const fixed = named("New seed every time", "input");
      if (fixed?.checked) fixed.click();
      await new Promise((done) => setTimeout(done, 500));
      button.click();
    `);
    const isThere = () =>
      this.browser.run<boolean>(`return [...document.images].some((one) => one.alt === ${JSON.stringify(prompt)})`);
    await expect.poll(isThere).toBe(true);
    const { width, height, base64 } = await this.browser.run<{ width: number; height: number; base64: string }>(`
      const image = [...document.images].find((one) => one.alt === ${JSON.stringify(prompt)});
      await image.decode();
      const canvas = document.createElement("canvas");
      canvas.width = image.naturalWidth;
      canvas.height = image.naturalHeight;
      const context = canvas.getContext("2d");
      context.drawImage(image, 0, 0);
      const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
      let text = "";
      for (let at = 0; at < data.length; at += 8192) text += String.fromCharCode(...data.subarray(at, at + 8192));
      return { width: canvas.width, height: canvas.height, base64: btoa(text) };
    `);
    return { width, height, rgba: Buffer.from(base64, "base64") };
  }
}
