/** All steps of a run on one picture, each with its number and noise level. */
import type { Step } from "../../workers/protocol";
import { samplerName } from "../runs/run";
import type { Exported, Frame } from "./frames";
import { cellAt, sheetLayout } from "./sheet-layout";

const GROUND = "#0e0c0c";
const TEXT = "#ede7e4";
const MUTED = "#a89f9b";
const FONT = "system-ui, sans-serif";

export function stepCaption({ index, sigma }: Pick<Step, "index" | "sigma">): string {
  const noise = Number.isFinite(sigma) ? sigma.toPrecision(3) : "∞";
  return `${index + 1}  σ ${noise}`;
}

/** @param onFrame hears how many are drawn */
export async function contactSheet(
  run: Exported,
  frames: AsyncIterable<Frame>,
  onFrame: (done: number) => void,
): Promise<Blob> {
  const layout = sheetLayout(run.steps.length, run.settings);
  const canvas = new OffscreenCanvas(layout.width, layout.height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas, which a contact sheet needs. Reload the page.");
  context.fillStyle = GROUND;
  context.fillRect(0, 0, layout.width, layout.height);
  context.textBaseline = "top";
  const room = layout.width - 2 * layout.margin;
  context.fillStyle = TEXT;
  context.font = `16px ${FONT}`;
  context.fillText(fitted(context, run.settings.prompt || "Without a prompt", room), layout.margin, layout.margin);
  context.fillStyle = MUTED;
  context.font = `13px ${FONT}`;
  context.fillText(fitted(context, settingsLine(run), room), layout.margin, layout.margin + 26);
  context.imageSmoothingQuality = "high";
  let done = 0;
  for await (const { step, image } of frames) {
    const { x, y } = cellAt(layout, done);
    context.drawImage(image, x, y, layout.cell.width, layout.cell.height);
    image.close();
    context.fillText(stepCaption(step), x, y + layout.cell.height + 5);
    // Canvases put drawing off until they are read: so each frame is drawn in its own slice.
    context.getImageData(0, 0, 1, 1);
    onFrame(++done);
  }
  return canvas.convertToBlob({ type: "image/png" });
}

function settingsLine({ settings, model }: Exported): string {
  const { sampler, seed, steps, guidanceScale, width, height } = settings;
  const label = samplerName(model.samplers, sampler);
  return `${model.title} · seed ${seed} · ${label} · ${steps} steps · guidance ${guidanceScale} · ${width} × ${height}`;
}

/** The text, cut with an ellipsis where it is wider than the room. */
export function fitted(context: Pick<CanvasRenderingContext2D, "measureText">, text: string, room: number): string {
  const line = text.replaceAll(/\s+/g, " ");
  if (context.measureText(line).width <= room) return line;
  let [fits, over] = [0, line.length];
  while (over - fits > 1) {
    const middle = (fits + over) >> 1;
    if (context.measureText(`${line.slice(0, middle)}…`).width <= room) fits = middle;
    else over = middle;
  }
  return `${line.slice(0, fits)}…`;
}
