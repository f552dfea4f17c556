/** The frames of the strip: one a step where they fit, else one for several steps that follow each other. */

/** Pixels that a frame must have to show anything. */
const LEAST_WIDTH_PX = 16;
const LEAST_FRAMES = 8;
/** Frames before the strip's width is known. */
const UNMEASURED_FRAMES = 40;

/** @param steps of the run. @param width of the strip in pixels; null before it is measured */
export function frameCount(steps: number, width: number | null): number {
  const most = width === null ? UNMEASURED_FRAMES : Math.floor(width / LEAST_WIDTH_PX);
  return Math.min(steps, Math.max(LEAST_FRAMES, most));
}

/** Index of the frame that shows the step at `place`. */
export function frameOf(place: number, steps: number, frames: number): number {
  return Math.floor((place * frames) / steps);
}

/** The first step of a frame; of `frames` it is the number of steps. */
export function firstOf(frame: number, steps: number, frames: number): number {
  return Math.ceil((frame * steps) / frames);
}

/** The step that a frame shows: the chosen one where it is among the frame's, else its first. */
export function shownIn(frame: number, steps: number, frames: number, selected: number): number {
  return frameOf(selected, steps, frames) === frame ? selected : firstOf(frame, steps, frames);
}
