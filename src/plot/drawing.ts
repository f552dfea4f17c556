/** Draws a plot's picture: the labels at once, each cell when its run is done. */

import { fitted } from "../export/contact-sheet";
import { isOver, type Run } from "../runs/run";
import { cornerOf, fitInto, type GridLayout, gridLayout } from "./grid-layout";
import type { Plot } from "./plot";

const GROUND = "#0e0c0c";
const CELL = "#141212";
const TEXT = "#ede7e4";
const MUTED = "#a89f9b";
const FONT = "15px system-ui, sans-serif";

export function layoutOf({ labels: [x, y, z], picture }: Plot, context: CanvasRenderingContext2D): GridLayout {
  context.font = FONT;
  return gridLayout({
    columns: x.length,
    rows: y.length,
    sheets: z.length,
    picture,
    labels: { columns: x.some((label) => label !== ""), sheets: z.some((label) => label !== "") },
    rowLabel: Math.max(...y.map((label) => context.measureText(label).width)),
  });
}

/** The ground, the labels and empty cells. The canvas must have the layout's size. */
export function drawFrame(
  context: CanvasRenderingContext2D,
  { labels: [x, y, z], runs }: Plot,
  layout: GridLayout,
): void {
  const { width, height, cell, gap, gutter, head, title } = layout;
  context.fillStyle = GROUND;
  context.fillRect(0, 0, width, height);
  context.font = FONT;
  context.textBaseline = "middle";
  for (let index = 0; index < runs.length; index++) {
    const { x: left, y: top, column, row, sheet } = cornerOf(layout, index);
    context.fillStyle = CELL;
    context.fillRect(left, top, cell.width, cell.height);
    context.fillStyle = TEXT;
    if (row === 0 && head > 0) context.fillText(fitted(context, x[column], cell.width), left, top - head / 2);
    if (column === 0 && y[row] !== "")
      context.fillText(fitted(context, y[row], gutter - 2 * gap), gap, top + cell.height / 2);
    if (row === 0 && column === 0 && title > 0)
      context.fillText(fitted(context, z[sheet], width - 2 * gap), gap, top - head - title / 2);
  }
}

/** A cell whose run is over, or was taken out. */
export async function drawCell(
  context: CanvasRenderingContext2D,
  layout: GridLayout,
  index: number,
  run: Run | undefined,
): Promise<void> {
  const { x, y } = cornerOf(layout, index);
  if (run?.png) {
    const image = await createImageBitmap(run.png);
    const { dx, dy, width, height } = fitInto(layout.cell, image);
    context.imageSmoothingQuality = "high";
    context.drawImage(image, x + dx, y + dy, width, height);
    image.close();
    return;
  }
  if (run && !isOver(run)) return;
  context.font = FONT;
  context.textBaseline = "middle";
  context.fillStyle = MUTED;
  const text = run?.status === "failed" ? "Failed" : "Cancelled";
  context.fillText(fitted(context, text, layout.cell.width - 16), x + 8, y + layout.cell.height / 2);
}
