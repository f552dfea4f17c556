/** The steps of a run as a video: mediabunny writes the file, the browser's WebCodecs encode it. */
import type { VideoCodec } from "mediabunny";
import type { Exported, Frame } from "./frames";

export interface VideoFormat {
  container: "mp4" | "webm";
  codec: VideoCodec;
}

/** What plays in most places first. */
const PREFERRED: readonly VideoFormat[] = [
  { container: "mp4", codec: "avc" },
  { container: "webm", codec: "vp9" },
  { container: "webm", codec: "vp8" },
  { container: "webm", codec: "av1" },
  { container: "mp4", codec: "hevc" },
];

/** Seconds that the finished picture stays. */
const REST = 1.5;
/** Smaller pictures are enlarged: players and encoders are made for larger ones. */
const SMALLEST = 256;

export function videoSize({ width, height }: { width: number; height: number }): { width: number; height: number } {
  const scale = Math.max(1, Math.ceil(SMALLEST / Math.max(width, height)));
  const even = (side: number) => side * scale + ((side * scale) % 2);
  return { width: even(width), height: even(height) };
}

/** When a frame is shown and for how long, in seconds; the last one rests. */
export function frameTime(index: number, count: number, stepsPerSecond: number): { at: number; duration: number } {
  const each = 1 / stepsPerSecond;
  return { at: index * each, duration: index === count - 1 ? Math.max(each, REST) : each };
}

/** The first format that the browser encodes at that size; null where it encodes none. */
export async function chooseVideoFormat(
  size: { width: number; height: number },
  canEncode: (codec: VideoCodec, size: { width: number; height: number }) => Promise<boolean> = canEncodeVideo,
): Promise<VideoFormat | null> {
  for (const format of PREFERRED) {
    if (await canEncode(format.codec, size)) return format;
  }
  return null;
}

async function canEncodeVideo(codec: VideoCodec, size: { width: number; height: number }): Promise<boolean> {
  if (typeof VideoEncoder === "undefined") return false;
  const { getFirstEncodableVideoCodec } = await import("mediabunny");
  return (await getFirstEncodableVideoCodec([codec], size)) !== null;
}

export const NO_VIDEO =
  "This browser cannot encode a video (it has no WebCodecs encoder); save the contact sheet, or use a recent Chrome, Edge, Firefox or Safari.";

/** @param onFrame hears how many are encoded */
export async function timeLapse(
  run: Exported,
  frames: AsyncIterable<Frame>,
  stepsPerSecond: number,
  onFrame: (done: number) => void,
): Promise<{ blob: Blob; format: VideoFormat }> {
  const size = videoSize(run.settings);
  const format = await chooseVideoFormat(size);
  if (!format) throw new Error(NO_VIDEO);
  const { BufferTarget, CanvasSource, Mp4OutputFormat, Output, QUALITY_HIGH, WebMOutputFormat } = await import(
    "mediabunny"
  );
  const canvas = new OffscreenCanvas(size.width, size.height);
  const context = canvas.getContext("2d");
  if (!context) throw new Error("The browser gives no canvas, which a video needs. Reload the page.");
  context.imageSmoothingQuality = "high";
  const target = new BufferTarget();
  const output = new Output({
    format: format.container === "mp4" ? new Mp4OutputFormat() : new WebMOutputFormat(),
    target,
  });
  const source = new CanvasSource(canvas, { codec: format.codec, quality: QUALITY_HIGH });
  output.addVideoTrack(source, { frameRate: stepsPerSecond });
  try {
    await output.start();
    let done = 0;
    for await (const { image } of frames) {
      context.drawImage(image, 0, 0, size.width, size.height);
      image.close();
      const { at, duration } = frameTime(done, run.steps.length, stepsPerSecond);
      await source.add(at, duration);
      onFrame(++done);
    }
    await output.finalize();
  } catch (error) {
    if (output.state !== "finalized") await output.cancel();
    throw error;
  }
  if (!target.buffer) throw new Error("The video could not be written; try again with fewer steps.");
  return { blob: new Blob([target.buffer], { type: `video/${format.container}` }), format };
}
