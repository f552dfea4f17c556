import type { Locator, Page } from "@playwright/test";

/** The mask editor and the dialog that extends a picture. */
export class MaskPage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly canvas: Locator;
  readonly use: Locator;
  readonly brushSize: Locator;
  readonly feather: Locator;
  readonly extend: Locator;
  readonly extendDialog: Locator;

  constructor(readonly page: Page) {
    this.open = page.getByRole("button", { name: /^(Paint|Edit) mask$/ });
    this.dialog = page.getByRole("dialog", { name: "Mask" });
    this.canvas = this.dialog.getByRole("application", { name: "Mask over the start image" });
    this.use = this.dialog.getByRole("button", { name: /^Use (no )?mask$/ });
    this.brushSize = this.dialog.getByRole("slider", { name: "Brush size" });
    this.feather = this.dialog.getByRole("slider", { name: "Feather" });
    this.extend = page.getByRole("region", { name: "Start image" }).getByRole("button", { name: "Extend" });
    this.extendDialog = page.getByRole("dialog", { name: "Extend the picture" });
  }

  button(name: "Undo" | "Redo" | "Invert" | "Clear"): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  tool(name: "Brush" | "Eraser"): Locator {
    return this.dialog.getByRole("radio", { name });
  }

  /** Draws a line; both ends as shares of the picture's sides. */
  async draw([fromX, fromY]: [number, number], [toX, toY]: [number, number]): Promise<void> {
    const box = await this.canvas.boundingBox();
    if (!box) throw new Error("the mask is not shown");
    const { mouse } = this.page;
    await mouse.move(box.x + fromX * box.width, box.y + fromY * box.height);
    await mouse.down();
    await mouse.move(box.x + toX * box.width, box.y + toY * box.height, { steps: 4 });
    await mouse.up();
  }

  /** How many pixels are masked. */
  async painted(): Promise<number> {
    return this.canvas.evaluate((element) => {
      const canvas = element as HTMLCanvasElement;
      const data = canvas.getContext("2d")?.getImageData(0, 0, canvas.width, canvas.height).data ?? [];
      let count = 0;
      for (let i = 3; i < data.length; i += 4) if (data[i] > 0) count++;
      return count;
    });
  }
}
