import type { Locator, Page } from "@playwright/test";

/** The mask editor and the dialog that extends a picture. */
export class MaskPage {
  readonly open: Locator;
  readonly dialog: Locator;
  readonly canvas: Locator;
  readonly use: Locator;
  /** what Esc and the X ask about a mask that is not in use yet */
  readonly question: Locator;
  readonly discard: Locator;
  readonly brushSize: Locator;
  readonly feather: Locator;
  readonly extend: Locator;
  readonly extendDialog: Locator;

  constructor(readonly page: Page) {
    this.open = page.getByRole("button", { name: /^(Paint|Edit) mask$/ });
    this.dialog = page.getByRole("dialog", { name: "Mask" });
    this.canvas = this.dialog.getByRole("application", { name: "Mask over the start image" });
    this.use = this.dialog.getByRole("button", { name: /^Use (no )?mask$/ }).first();
    this.question = this.dialog.getByRole("alertdialog", { name: "Unsaved mask" });
    this.discard = this.question.getByRole("button", { name: "Discard changes" });
    this.brushSize = this.dialog.getByRole("slider", { name: "Brush size" });
    this.feather = this.dialog.getByRole("slider", { name: "Feather" });
    this.extend = page.getByRole("button", { name: "Extend", exact: true }).first();
    this.extendDialog = page.getByRole("dialog", { name: "Extend the picture" });
  }

  button(name: "Undo" | "Redo" | "Invert" | "Clear"): Locator {
    return this.dialog.getByRole("button", { name, exact: true });
  }

  tool(name: "Brush" | "Eraser"): Locator {
    return this.dialog.getByRole("radio", { name });
  }

  /** Draws a line; both ends as shares of the picture's sides. */
  async draw(from: [number, number], to: [number, number]): Promise<void> {
    const [begin, end] = [await this.pointAt(from), await this.pointAt(to)];
    const { mouse } = this.page;
    await mouse.move(begin.x, begin.y);
    await mouse.down();
    await mouse.move(end.x, end.y, { steps: 4 });
    await mouse.up();
  }

  /** The same line by pen. */
  async drawByPen(from: [number, number], to: [number, number]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const pen = (type: "mousePressed" | "mouseMoved" | "mouseReleased", at: { x: number; y: number }) =>
      session.send("Input.dispatchMouseEvent", { type, ...at, button: "left", buttons: 1, pointerType: "pen" });
    const [begin, end] = [await this.pointAt(from), await this.pointAt(to)];
    await pen("mousePressed", begin);
    await pen("mouseMoved", end);
    await pen("mouseReleased", end);
  }

  /** The same line by a finger, while another one rests at a place. */
  async drawByFinger(from: [number, number], to: [number, number], resting: [number, number]): Promise<void> {
    const session = await this.page.context().newCDPSession(this.page);
    const fingers = (type: "touchStart" | "touchMove" | "touchEnd", touchPoints: { x: number; y: number }[]) =>
      session.send("Input.dispatchTouchEvent", { type, touchPoints });
    const [begin, end, other] = [await this.pointAt(from), await this.pointAt(to), await this.pointAt(resting)];
    await fingers("touchStart", [begin]);
    await fingers("touchStart", [begin, other]);
    await fingers("touchMove", [end, other]);
    await fingers("touchEnd", []);
  }

  private async pointAt([x, y]: [number, number]): Promise<{ x: number; y: number }> {
    const box = await this.canvas.boundingBox();
    if (!box) throw new Error("the mask is not shown");
    return { x: box.x + x * box.width, y: box.y + y * box.height };
  }

  /** Whether a pixel is masked; its place as shares of the picture's sides. */
  async isPainted([x, y]: [number, number]): Promise<boolean> {
    return this.canvas.evaluate(
      (element, at) => {
        const canvas = element as HTMLCanvasElement;
        const [left, top] = [Math.floor(at.x * canvas.width), Math.floor(at.y * canvas.height)];
        return (canvas.getContext("2d")?.getImageData(left, top, 1, 1).data[3] ?? 0) > 0;
      },
      { x, y },
    );
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
