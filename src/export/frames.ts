/** The pictures of a run's steps, one after the other, for what is made of all of them. */
import type { Picture, Step } from "../../workers/protocol";
import { previewImage } from "../outputs/preview";
import type { Run, View } from "../runs/run";
import { stageOf } from "../runs/steps";

export interface FrameOptions {
  view: View;
  /** each step through the VAE's decoder, instead of the cheap preview */
  full: boolean;
}

export interface Frame {
  step: Step;
  image: ImageBitmap;
}

/** A run that can be exported: its steps, and the model that made them. */
export type Exported = Pick<Run, "steps" | "model" | "settings">;

/**
 * Yields the frames, oldest step first. The receiver closes the images.
 * Between two frames the page has its turn: no frame takes longer than one picture's pixels take to be copied.
 */
export async function* framesOf(
  run: Exported,
  { view, full }: FrameOptions,
  decode: (step: Step, view: View) => Promise<Picture>,
  signal: AbortSignal,
): AsyncGenerator<Frame, void, undefined> {
  for (const step of run.steps) {
    signal.throwIfAborted();
    const image = full ? toImageData(await decode(step, view)) : previewImage(step[view], stageOf(step).preview);
    yield { step, image: await createImageBitmap(image) };
    await turn();
  }
}

function toImageData({ rgba, width, height }: Picture): ImageData {
  return new ImageData(rgba, width, height);
}

/** Lets the page draw and answer before the next slice of work. */
function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}
