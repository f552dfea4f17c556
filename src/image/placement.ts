/** How a picture of one size fills a frame of another. */

/** Crop fills the frame and cuts what does not fit; fit shows the whole picture and stretches its edges over the rest. */
export type Fit = "crop" | "fit";

export interface Size {
  width: number;
  height: number;
}

export interface Box extends Size {
  x: number;
  y: number;
}

/** Which part of the source is shown, and where in the frame; in whole pixels of the frame, in the middle. */
export function placement(source: Size, frame: Size, fit: Fit): { from: Box; to: Box } {
  const across = frame.width / source.width;
  const down = frame.height / source.height;
  if (fit === "crop") {
    const scale = Math.max(across, down);
    const width = Math.min(source.width, frame.width / scale);
    const height = Math.min(source.height, frame.height / scale);
    const [x, y] = [Math.floor((source.width - width) / 2), Math.floor((source.height - height) / 2)];
    return {
      from: { x, y, width: Math.max(1, Math.round(width)), height: Math.max(1, Math.round(height)) },
      to: { x: 0, y: 0, ...frameOf(frame) },
    };
  }
  const scale = Math.min(across, down);
  const width = Math.max(1, Math.min(frame.width, Math.round(source.width * scale)));
  const height = Math.max(1, Math.min(frame.height, Math.round(source.height * scale)));
  return {
    from: { x: 0, y: 0, width: source.width, height: source.height },
    to: { x: Math.floor((frame.width - width) / 2), y: Math.floor((frame.height - height) / 2), width, height },
  };
}

const frameOf = ({ width, height }: Size): Size => ({ width, height });
